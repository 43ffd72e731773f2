# Words of many scripts, whose letters resemble each other.
# ruff: noqa: RUF001
"""The function words of the languages that are told apart by them, and that say nothing by themselves.

They are written as their languages write them, and compared without their accents, as people often type them.
"""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = frozenset(
    """
    a about above after again against all also am an and any are as at be because been before being below between
    both but by can could did do does doing done down during each either else ever few for from further get gets got
    had has have having he her here hers herself him himself his how i if in into is it its itself just let
    may me might mine more most much must my myself neither no nor not now of off oh ok okay on once only onto or
    other ought our ours ourselves out over own per quite rather really s same shall she should since so some still
    such than that the their theirs them themselves then there these they this those though through to too under
    until up upon very was we were what when where whether which while who whom whose why will with within
    without would yes yet you your yours yourself yourselves
    """.split()  # noqa: SIM905 - a paragraph of words reads better than a hundred quoted strings
)

ALSO_ENGLISH = frozenset(
    """
    ai ale ama ami andre au aux bare ben bent bile bin cam car cat chi com come comment con contra dai dan dar das de
    del dem den der die dies dig din dina dir dog door dove due dun ed el ella elle em encore end era eu fa fi font fra
    fran fur ha ham han hans hat hay heel hem hen hon ill inn io jo kai kan kim kit la las le les lo los ma mai man mar
    mas men met mi mia mig mika min mina mint mir mis mit mod mon mu multi ne nun os pa par para pas pendant plus
    pour sale sans se sea sedan sen si sin sit size solo son soy sub sue sui sur ta tan te ti till ton tot una va van var
    vi von want war wen ya yo
    """.split()  # noqa: SIM905 - as above
)
"""Function words of other languages that are words or names in English texts too, and so are less of a sign."""

_LATIN = {
    "german": """
    aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist da damit
    dann das dass dein deine dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch
    ein eine einem einen einer eines er es etwas euch euer eure für gegen gab gibt habe haben hab hast hat hatte hatten
    hattest hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jede jedem jeden jeder jedes
    jetzt kann kein keine keinen keiner können könnte man mehr mein meine meinem meinen meiner mich mir mit muss müssen
    nach nicht nichts noch nun nur ob oder ohne sehr seid sein seine seinem seinen seiner seit selbst sich sie sind so
    soll sollte sondern über um und uns unser unsere unter vom von vor wann war waren warst warum was wegen weil welche
    welchem welchen welcher welches wem wen wenn wer werde werden wie wieder wieso will wir wird wo wofür woher wohin
    womit woran worin wovon wovor wozu wogegen wurde wurden würde zu zum zur zwar zwischen wessen schon immer
    """,
    "dutch": """
    aan al alle als altijd ben bent bij daar dan dat de der deze die dit doch doen door dus een eens en er ge geen had
    hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je jij jou jouw jullie kan kon kunnen maar
    me meer men met mij mijn moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op over reeds te tegen
    toch toen tot u uit uw van veel voor waar waarom waaraan waarheen waarin wanneer want waren was wat we wel welk
    welke werd werden wie wij wil worden wordt zal ze zich zij zijn zo zou zonder zouden heel haar hen
    """,
    "swedish": """
    alla allt att av blev bli blir blivit de dem den denna deras dess dessa det detta dig din dina ditt du där då efter
    ej eller en er era ett från för ha hade han hans har henne hennes hon honom hur här i icke ingen inom inte jag ju
    kan kunde man med mellan men mig min mina mitt mot mycket ni nu när någon något några och om oss på samma sedan sig
    sin sina sitt själv skulle så sådan till under upp ut utan vad var vara varför varit varje vart vem vems vi vid
    vilka vilken vilket vår våra vårt än är åt över också vår
    """,
    "danish": """
    af alle alt andet at bare blev blive bliver da de dem den denne der deres det dette dig din dine disse dit dog du
    efter eller en end er et for fra ham han hans har havde have hen hende hendes her hun hvad hvem hver hvilke hvilken
    hvilket hvis hvor hvordan hvorfor hvornår i ikke ind ingen intet jeg jer jeres jo kan kunne man mange med meget men
    mig min mine mit mod ned noget nogle nogen nu når og også om op os over på sig sin sine sit selv skal skulle som så
    sådan til ud under var ved vi vil ville vor være været hvis
    """,
    "norwegian": """
    alle andre at av bare begge ble bli blir blitt da de deg dei dem den denne der dere deres det dette di din disse
    ditt du eg ei ein eit eller en er et etter for fordi fra før ha hadde han hans har henne hennes her hun hva hvem
    hver hvilke hvilken hvilket hvis hvor hvordan hvorfor i ikke inn ingen jeg kan kom korleis kunne man mange med meg
    meget mellom men mi min mine mitt mot mye må ned noe noen nå når og også om opp oss over på sa samme seg selv si sin
    sine sitt skal skulle slik som så til under ut uten var ved vi vil ville være vært vår våre vårt
    """,
    "french": """
    à ai ait alors as au aucun aussi autre aux avait avant avec avez aviez avions avoir avons bien c ça car ce ceci cela
    celle celui ces cet cette ceux chaque chez ci comme comment d dans de depuis des deux dois doit donc dont du elle
    elles en encore es est et étaient étais était étant été êtes être eu eux fait font hier ici il ils j je jusqu l la
    laquelle le lequel les lesquels leur leurs lui m ma mais me même mes moi mon n ne ni nos notre nous on ont où ou par
    parce pas pendant peu peut plus pour pourquoi qu quand que quel quelle quelles quels qui quoi rien s sa sans se sera
    ses si sien soi son sont sous suis sur t ta te tes toi ton tous tout toute toutes très trop tu un une vers voici
    vont vos votre vous y
    """,
    "spanish": """
    a adónde ahora al algo alguien algunas algunos ante antes así aunque cada como cómo con contra cuál cuales cuando
    cuándo cuánto cuántos de del desde donde dónde dos durante e el él ella ellas ellos en entre era eran eres es esa
    esas ese eso esos esta está estaba estado están estar estas este esto estos estoy fue fueron fui ha había habían han
    has hasta hay he hemos hoy la las le les lo los más me mi mí mis mucho muchos muy nada ni no nos nosotros nuestra
    nuestro o os otra otro otros para pero poco por porque pues que qué quien quién quienes se sea ser si sí siempre sin
    sobre sois somos son soy su sus también tan tanto te tengo tiene tienen todo todos tu tú tus un una unas uno unos
    usted ustedes y ya yo cuyo allí aquí ayer
    """,
    "portuguese": """
    a ainda agora algo alguém ali antes ao aos aquela aquele aqui aquilo as às até cada com como contra da dá das de
    dela dele deles depois desde do dos e é ela elas ele eles em entre era eram essa esse esta está estão estar estas
    estava este estes estou eu foi fomos for foram fui há isso isto já lá lhe lhes mais mas me mesmo meu meus minha
    minhas muito na não nas nem no nos nós nossa nosso num numa o onde ontem os ou para pela pelas pelo pelos por porque
    porquê qual quais quando quanto que quem se sem ser será seu seus só sobre sou sua suas são também te tem têm tenho
    ter teu tinha tive toda todas todo todos tu tua tudo um uma umas uns você vocês vos
    """,
    "italian": """
    a abbia abbiamo adesso agli ai al alla alle allo altra altro anche ancora avere aveva avevo c che chi ci ciò col
    come con contro così cosa cui da dagli dai dal dalla dalle dall dei del della delle dello degli dell di dopo dov
    dove due durante e è ed era erano ero essere fa fra gli ha hai hanno ho i ieri il in io l la le lei li lo loro lui
    ma me mi mia mie miei mio molto ne nei nel nella nelle nell negli no noi non nostra nostro o ogni per perché però
    più poco poi qual quale quali quando quanto quanti quella quelle quelli quello questa queste questi questo qui se
    sei senza si sia siamo siete solo sono sta stata stato sto stati su sua sue sugli sui sul sulla sulle sull suo suoi
    te ti tra tu tua tue tuo tutti tutto un una uno un vi voi
    """,
    "romanian": """
    a ai aia al ale alt alta am anume ar are asta astea au avea avem azi așa ați ca că cam când cât câte câți
    către ce cea cei cel cele ci cine cineva cu cui cum de deci decât deja despre din dintre doar după ea ei el ele era
    erau este eu eram fi fie fiind foarte fost i iar ieri îi îl îmi în însă între își îți la le li lor lui mai mea mei
    mele meu mi mine mult multe mulți ne nici nimic niște noastră noi nostru nu o ori pe pentru peste poate prea prin
    sa să sale sau se și sînt sub sunt suntem ta tale tău te toate tot toți tu un una unde unei unele unii unor unui va
    vă vom vor vreo voi
    """,
    "finnish": """
    ei eivät emme en et että ette hän häneltä hänelle hänen hänet he heidän heille heitä hyvin ja joka jokin joku jolla
    jonka jos jota jotka jotta joten kai kanssa ketkä kenen kenet kenelle ketä koska kuin kuinka kuka kun kuten lähtien
    me meidän meille meitä mihin mikä mikäli miksi mille millä millainen milloin millä minä minulla minulle minun minut
    minua minne missä mistä mitä mitkä mukaan mutta myös myötä ne niiden niin niitä noin nuo nyt oli olet olen olemme
    olette olin olimme olisi olivat olla olleet ollut on ovat se sekä sen siinä sillä sinä sinulla sinun sitä siihen
    siitä tai tämä tämän tässä tätä te teidän tuo tuolla vaan vaikka vai vasta vielä jo aina
    """,
    "hungarian": """
    a abban ahhoz ahogy ahol aki akik akkor alatt amely ami amikor annak arra át az azok azon azonban azt aztán be benne
    csak de e egy egyik el én ennek és ez ezek ezen ezt ezzel fel felé ha hány hanem hogy hogyan hol honnan hová ide igen
    így ill ilyen is itt jól kell ki kik kinek kit le lehet lenne lesz lett maga már még meg mert mely melyik melyek mi
    mit mik mikor miért milyen mint minden mindig mivel most nagyon ne nekem neki nem ő ők oda olyan ott õ össze persze
    s saját sem semmi során szemben szerint számára talán te tehát ti to több tovább úgy ugyan után vagy vagyok valaki
    valami van vannak vele vissza volna volt voltak voltam
    """,
    "turkish": """
    acaba ama ancak artık aslında az bana bazı belki ben beni benim beri bile bir birçok biri biz bize bizi bizim bu
    buna bunda bundan bunlar bunu bunun burada çok çünkü da daha dahi de defa değil diye dün en gibi hâlâ hangi hani hem
    hep hepsi her hiç için ile ise işte kadar kaç ki kim kime kimi kimin mi mı mu mü nasıl ne neden nerede nereden
    nereye neye niçin niye o olan olarak oldu olduğu ona ondan onlar onu onun orada öyle pek sana sen seni senin siz
    size sizin sonra şey şimdi şu şunu tüm var ve veya ya yani yok zaten idi
    """,
}

_OTHER = {
    "russian": """
    а без более бы был была были было быть в вам вас весь во вот все всегда всего вы где да даже для до его ее её если
    есть еще ещё ж же за зачем здесь и из или им иногда их к как какая какие каких какого какой ко когда кто кого кому
    куда ли либо лишь между меня мне много мной мои мой мою моя моего моей моих мы на над нам нас наш наша не него нее
    ней нельзя нет ни ним них но ну о об он она они оно от откуда очень по под почему при про раз с сам свой свою своя
    себе себя сейчас со так также такой там тебя тем теперь то тобой тогда того тоже той только том тот ту ты у уже
    хотя чего чем через что чтобы чья чей эта эти этим этих это этой этом этот эту я
    """,
    "greek": """
    αλλά αν αντί από αυτά αυτές αυτή αυτό αυτοί αυτός αυτού για γιατί δε δεν εγώ εδώ είμαι είναι είσαι είχα είχε εκεί
    εκείνος εμείς ένα έναν ένας επειδή εσείς εσύ έχει έχω η ή ήταν θα και κάθε κατά κι με μα μας μας μέχρι μετά μη μην
    μια μία μου να ναι ο οι όμως όταν ότι όχι πια ποια ποιες ποιο ποιος ποιοι πολύ πόσο πόσα πότε που πού προς πριν
    πώς σαν σας σε στα στη στην στις στο στον στους στου συ σου τα τη την της τι τις το τον του τους των τώρα ως
    """,
    "arabic": """
    أن إن إلى أو أي أين أنا أنت إذا ألا أما أنه أيضا بعد بعض بل به بها بين تلك ثم حتى حيث حين خلال ذلك سوف عن عند على عليه
    عليها غير فى في فيه فيها قبل قد كان كانت كل كم كما كنت كيف لا لأن لدى لذلك لقد لك لكن لم لماذا لن له لها لهم لي ليس ما
    ماذا متى مع من منذ منه منها مثل نحن هذا هذه هل هم هنا هناك هو هي وقد وهو وهي ولا وما يا التي الذي الذين نعم هما
    """,
}


def _words(written: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {language: frozenset(words.casefold().split()) for language, words in written.items()}


LATIN = _words(_LATIN)
"""By language, as snowball names it, for those in Latin letters besides English."""

OTHER = _words(_OTHER)
"""By language, for those that their letters tell apart."""
