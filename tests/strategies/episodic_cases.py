"""Conversations with and without an episode that has ended, written for the tests of the deterministic form.

`U:` is the user, `A:` the agent, `T:` a tool; `…` is a long silence at the end. What is expected: the assessment of each
episode, none where there is nothing of the kind or where it goes on. They were written in eight lots, each before the
rules had been tried on it.
"""

from __future__ import annotations

ENDED: list[tuple[str, list[str]]] = [
    (
        "U: Can you rebook my cancelled flight to Porto?\nA: I found a seat on the 18:40 and rebooked you.\nU: Perfect, thank you!",
        ["success"],
    ),
    (
        "U: My printer won't connect to the wifi.\nA: Restart the router and add the printer again in the settings.\nU: Done, it prints again. Thanks a lot",
        ["success"],
    ),
    (
        "U: the checkout page throws a 500 when I use a voucher\nA: I patched the null check in voucher.py and redeployed.\nU: yep works now 👍",
        ["success"],
    ),
    (
        "U: I need a refund for order 8841.\nA: I'm afraid the order is past the 30 day window, so I cannot refund it.\nU: Forget it then.",
        ["failure"],
    ),
    (
        "U: Please set up a meeting with Lena for Tuesday at 3.\nA: Done. I sent the invitation for Tuesday, 15:00.\nU: great, bye",
        ["success"],
    ),
    (
        "U: How do I get red wine out of a carpet?\nA: Blot it, then cover it with salt for ten minutes and vacuum.\nU: It's still there, just a bit paler.\nA: Try white vinegar and dish soap in warm water.\nU: That did the trick, you're a lifesaver!",
        ["success"],
    ),
    (
        "U: My laptop keeps freezing when I open the camera.\nA: Update the camera driver in the device manager.\nU: Did that. Same problem.\nA: Then reset the BIOS to its defaults.\nU: Still freezing. I give up, I'll take it to a shop.",
        ["failure"],
    ),
    (
        "U: Could you translate this contract into Italian?\nA: Here is the translation of sections 1 to 4. Section 5 is an image, which I could not read.\nU: Ok, thanks for the part you managed. I'll do the rest by hand.",
        ["partial"],
    ),
    (
        "U: Find me a table for six on Saturday night in the old town.\nA: Unfortunately everything is fully booked on Saturday.\nU: Too bad. Thanks anyway.",
        ["failure"],
    ),
    (
        "U: Why does my sourdough come out flat?\nA: Most likely it is underproofed. Let it rise until it has grown by half.\nU: Makes sense, thanks!",
        ["success"],
    ),
    (
        "U: Write a haiku about trains for my mother's card.\nA: Here it is: Rails hum in the dusk / a lamp swings past the window / home is one stop more\nU: Oh that's lovely, exactly what I wanted",
        ["success"],
    ),
    (
        "U: I was charged twice for my subscription\nA: I see both charges. I've refunded the second one, it takes 3 days.\nU: Awesome, appreciate it.",
        ["success"],
    ),
    (
        "U: My parcel hasn't arrived, tracking says delivered.\nA: I opened an investigation with the courier, number C-5521.\nU: ok thank you, bye",
        ["success"],
    ),
    (
        "U: Turn off all the lights downstairs.\nA: The lights in the kitchen and the hall are off, but the lamp in the living room does not respond.\nU: ok good enough, thanks",
        ["partial"],
    ),
    (
        "U: Deploy branch release-9 to staging.\nT: error: build failed, missing module pillow\nA: The build failed because pillow is missing. I added it and tried again.\nT: deploy ok\nA: Release-9 is live on staging.\nU: nice, thx",
        ["success"],
    ),
    (
        "U: Run the nightly import please\nT: exception: connection refused\nA: The import failed, the database refused the connection.\n…",
        ["failure"],
    ),
    (
        "U: Cancel my gym membership.\nA: Your membership is cancelled as of the end of this month; you will get a confirmation by mail.\n…",
        ["success"],
    ),
    (
        "U: What documents do I need to register a car in Spain?\nA: You need the title, an inspection report, proof of insurance and your NIE.\n…",
        ["unknown"],
    ),
    (
        "U: I can't log in to the payroll site.\nA: I've unlocked your account. Please try again.\nU: I'm in now, cheers",
        ["success"],
    ),
    (
        "U: Reset my password please\nA: I sent you a link.\nU: the link is expired\nA: I sent a new one.\nU: got it, all good now. thank you",
        ["success"],
    ),
    (
        "U: Summarize the attached report in five bullet points.\nA: Here are five bullet points: revenue up, costs flat, churn down, hiring slow, cash fine.\nU: Those are wrong, the churn went up.\nA: Sorry, I corrected the third point: churn up.\nU: That's not it either. Never mind, I'll write it myself.",
        ["failure"],
    ),
    ("U: Help me fix this regex, it matches too much: a.*b\nA: Make it lazy: a.*?b\nU: brilliant!", ["success"]),
    (
        "U: Order two bags of coffee beans, the usual ones.\nA: Ordered: two bags of Yirgacheffe, arriving Thursday.\nU: Thanks! By the way, what's the weather like in Oslo tomorrow?\nA: Oslo will have 4 degrees and light rain.\nU: Thanks, that's all.",
        ["success", "success"],
    ),
    (
        "U: Compare the three quotes for the roof.\nA: Quote B is the cheapest at 8,400 and covers the gutters.\nU: Different question: when is my next dentist appointment?\nA: On 4 March at 9:30.\nU: Thank you.",
        ["unknown", "success"],
    ),
    (
        "U: Mein Drucker funktioniert nicht.\nA: Bitte starten Sie den Drucker neu und prüfen Sie das Kabel.\nU: Jetzt geht er wieder, vielen Dank!",
        ["success"],
    ),
    (
        "U: Pouvez-vous annuler ma réservation de vendredi ?\nA: C'est fait, la réservation est annulée.\nU: Parfait, merci beaucoup",
        ["success"],
    ),
    (
        "U: ¿Puede cambiar mi vuelo al lunes?\nA: Lamentablemente no hay plazas el lunes.\nU: Vale, olvídalo.",
        ["failure"],
    ),
    (
        "U: Vorrei prenotare un tavolo per due stasera.\nA: Fatto, ho prenotato per le 20.\nU: Grazie mille!",
        ["success"],
    ),
    (
        "U: Preciso de ajuda, a aplicação não abre.\nA: Tente reinstalar a aplicação.\nU: Continua sem abrir, desisto.",
        ["failure"],
    ),
    (
        "U: Draft an email to the landlord about the broken heater.\nA: Here's a draft: Dear Mr Novak, the heater in flat 4 has been out since Sunday …\nU: Make it a bit firmer.\nA: Updated: I must insist on a repair by Friday.\nU: Perfect. That's all for today.",
        ["success"],
    ),
    (
        "U: Convert these 40 photos to webp\nA: I converted 31 photos; 9 files were corrupt and could not be read.\nU: okay, thank you",
        ["partial"],
    ),
    (
        "U: Which of the two mattresses should I buy?\nA: The firmer one, given your back pain.\nU: Good, I'll order that one. Thanks and bye!",
        ["success"],
    ),
    (
        "U: I'm trying to merge my branch but there are conflicts in utils.py\nA: Keep both functions and delete the markers, then commit.\nU: merged, tests pass. sweet, thanks",
        ["success"],
    ),
    (
        "U: Book a taxi to the airport for 5 am\nA: No taxi is available at 5. I can get you one at 4:40 or 5:20.\nU: 4:40 is fine\nA: Booked for 4:40, driver Emir.\nU: 🙏",
        ["success"],
    ),
    (
        "U: The invoice has the wrong address\nA: I corrected the address and sent the invoice again.\nU: It still shows the old address. This is useless.\n…",
        ["failure"],
    ),
    (
        "U: Could you check whether the pharmacy has ibuprofen in stock?\nA: I don't have access to their stock system, sorry.\nU: oh well. bye",
        ["failure"],
    ),
    (
        "U: how can I lower my electricity bill?\nA: Switch to a night tariff and run the dishwasher after ten.\nU: hm, we don't have night tariffs here.\nA: Then turn the boiler down to 55 degrees; that saves about 8 percent.\nU: ok that helps. thanks!",
        ["success"],
    ),
    (
        "U: Add Priya to the project and give her admin rights\nA: I added Priya to the project. I was not able to give her admin rights, only owners can do that.\nU: Alright, thanks.",
        ["partial"],
    ),
    (
        "U: My daughter's tablet is stuck on the logo.\nA: Hold power and volume down for 15 seconds.\nU: nothing happens\nA: Charge it for an hour and do it again.\nU: It starts again! Thank you so much, you made her day",
        ["success"],
    ),
    (
        "U: Plan a three day trip to Ljubljana for us.\nA: Day 1: castle and old town. Day 2: Lake Bled. Day 3: Škocjan caves.\nU: We love it. Nothing else, thanks.",
        ["success"],
    ),
    (
        "U: I'd like to change my delivery address to Elm Street 9.\nA: Your delivery address has been changed to Elm Street 9. Is there anything else I can help you with?\nU: No, that's everything.",
        ["success"],
    ),
    (
        "U: Play some jazz in the study\nA: Playing jazz in the study.\nU: No, in the study, not the kitchen!\nA: Sorry, the study speaker is offline.\nU: ugh, forget it",
        ["failure"],
    ),
    (
        "U: Is there a way to undo a git reset --hard?\nA: Yes: find the commit with git reflog and reset to it.\nU: phew, everything is back. you saved me!",
        ["success"],
    ),
    (
        "U: Write unit tests for parser.py\nT: 14 passed, 2 failed\nA: I wrote 16 tests; two of them still fail because of the date bug.\nU: Fine for now, thanks. I'll look at the two later.",
        ["partial"],
    ),
    (
        "U: Our heating has been out since last night, can you send a technician?\nA: I've scheduled a technician for today between 2 and 4.\nU: He came and it's warm again. Thank you!",
        ["success"],
    ),
    (
        "U: Please calculate the VAT on 12,400 at 19 percent\nA: It is 2,356.\nU: That can't be right, is it included or on top?\nA: On top; the total is 14,756.\nU: ah right, got it. Cheers.",
        ["success"],
    ),
    (
        "U: I lost my card, please block it\nA: The card ending in 4410 is blocked and a new one is on its way.\nU: thank god. thanks",
        ["success"],
    ),
    (
        "U: Could you upload the slides to the shared drive?\nT: 403 forbidden\nA: I could not upload them, I have no permission for that folder.\nU: ok, let me ask the admin. thanks for trying",
        ["failure"],
    ),
    (
        "U: Hey, my Spotify subscription was renewed even though I cancelled it.\nA: I see the renewal from yesterday. I've reversed the charge and closed the subscription.\nU: Wonderful, that was quick. Have a good one!",
        ["success"],
    ),
    (
        "U: What's the best way to get from Vienna to Bratislava?\nA: The train takes an hour and leaves every half hour from Hauptbahnhof.\nU: Cool, thanks!",
        ["success"],
    ),
    (
        "U: I keep getting a 'permission denied' when I run the deploy script.\nA: Try chmod +x deploy.sh.\nU: Still permission denied.\nA: Then your user is not in the docker group. Run usermod -aG docker.\nU: That was it. Thanks!",
        ["success"],
    ),
    (
        "U: Schedule my car for an oil change next week.\nA: The garage has Wednesday at 10.\nU: Wednesday's no good, I'm away.\nA: Thursday at 14:00 is free too, I booked it.\nU: Great, thank you.",
        ["success"],
    ),
    (
        "U: Help me understand my phone bill, it's much higher than usual.\nA: The extra 23 euros are roaming charges from your trip to Switzerland.\nU: Ah, ok. That explains it. Thank you.",
        ["success"],
    ),
    (
        "U: The CSV export only contains the first 100 rows.\nA: I removed the limit in the export job. Could you check again?\nU: Yes, all rows are there now.",
        ["success"],
    ),
    (
        "U: The CSV export only contains the first 100 rows.\nA: I removed the limit in the export job. Could you check again?\nU: No, still 100. I'm done, I'll export it from the database myself.",
        ["failure"],
    ),
    (
        "U: can u find me the cheapest flight to Lima in may\nA: Cheapest is 612 EUR with Iberia on May 14.\nU: too expensive. forget it",
        ["failure"],
    ),
    (
        "U: Write a python function that reverses a linked list.\nA: ```python\ndef reverse(head):\n    ...\n```\nU: ty!",
        ["success"],
    ),
    (
        "U: Show me how to fold a fitted sheet\nA: Tuck the corners into each other, lay it flat and fold it in thirds.\nU: I tried, it's a mess lol. whatever, never mind",
        ["failure"],
    ),
    ("U: Move my 2pm with Kofi to tomorrow.\nT: calendar.update ok\nA: Moved to tomorrow, 2 pm.\n…", ["success"]),
    (
        'U: Move my 2pm with Kofi to tomorrow.\nT: {"error": "conflict with existing event"}\nA: Kofi already has something tomorrow at 2, so the move failed.\n…',
        ["failure"],
    ),
    (
        "U: My dishwasher shows error E24.\nA: E24 means the drain is blocked. Clean the filter and check the hose for kinks.\n…",
        ["unknown"],
    ),
    (
        "U: Check if the domain blueheron.io is free\nA: blueheron.io is taken, but blueheron.dev is available.\nU: hmm ok. I'll think about it, thanks",
        ["success"],
    ),
    (
        "U: Please unsubscribe me from all newsletters.\nA: I unsubscribed you from 7 of 9; two of the senders did not answer.\nU: Ok, better than before. Thanks.",
        ["partial"],
    ),
    (
        "U: I want to return these shoes.\nA: Here is your return label. Drop the parcel off at any post office.\nU: I got the label, thanks. One more thing: when do I get my money?\nA: Within five days of arrival.\nU: Great, bye!",
        ["success"],
    ),
    (
        "U: Let's debug the login loop.\nA: Which browser do you use?\nU: Firefox 131\nA: The cookie is set with SameSite=None but without Secure. Add Secure.\nU: Bingo. It's fixed.",
        ["success"],
    ),
    (
        "U: Could you get me an appointment with Dr. Osei this week?\nA: She has no free slots this week. The next one is on the 19th.\nU: That's too late for me. I'll ask another doctor.",
        ["failure"],
    ),
    ("U: remind me to water the plants at 6\nA: Reminder set for 6 pm.\nU: 👍", ["success"]),
    (
        "U: I need the sales numbers for Q3 by region.\nA: North 1.2m, South 0.9m, West 1.4m.\nU: And East?\nA: I have no data for East.\nU: Ok, then I'll take those three. Thanks.",
        ["partial"],
    ),
    ("U: How many calories does an avocado have?\nA: About 240.\nU: thanks", ["success"]),
    (
        "U: My screen is flickering since the update.\nA: Roll back the graphics driver.\nU: That made it worse! Now it's black.\nA: Boot in safe mode and reinstall the driver.\nU: Phew. It's stable now, no more flickering. Thank you for your patience.",
        ["success"],
    ),
    ("U: Transfer 200 euros to Bea.\nA: Transfer of 200 EUR to Bea completed. Reference 88123.\nU: ok", ["success"]),
    (
        "U: The AC in room 204 isn't cooling.\nA: I sent maintenance to room 204.\nU: They came but couldn't repair it. We'd like a different hotel. Goodbye.",
        ["failure"],
    ),
    (
        "U: Could you proofread my abstract?\nA: I fixed three commas and a typo in line 2.\nU: Thank you so much! Looks perfect.",
        ["success"],
    ),
    (
        "U: You are to collect prices from all five supplier sites.\nT: 3 pages fetched, 2 timed out\nA: I collected prices from three suppliers; two sites timed out.\n…",
        ["partial"],
    ),
    (
        "U: Can you tell me if the museum is open on Monday?\nA: It's closed on Mondays.\nU: Ok good to know, thanks a bunch",
        ["success"],
    ),
    (
        "U: My mic isn't picked up in the call\nA: Select the headset under audio settings.\nU: hmm nope\nA: Then allow microphone access for the browser.\nU: still nope. I'll just dial in by phone.",
        ["failure"],
    ),
    (
        "U: Generate a logo with a fox.\nA: Here's a logo with a fox in orange.\nU: Not what I had in mind. More minimal please.\nA: Here's a minimal version.\nU: Love it!",
        ["success"],
    ),
    (
        "U: Why was my loan application rejected?\nA: I'm not able to see the reasons for a rejection.\nU: Then you're of no help. Bye.",
        ["failure"],
    ),
    (
        "U: Ich brauche eine Rechnung für meine letzte Bestellung.\nA: Ich habe Ihnen die Rechnung per E-Mail geschickt.\nU: Ist angekommen, danke!",
        ["success"],
    ),
    (
        "U: Meine Bestellung ist nicht angekommen.\nA: Ich habe nachgeforscht, leider ist das Paket verloren gegangen.\nU: Na toll. Egal, vergiss es.",
        ["failure"],
    ),
    (
        "U: Mon ordinateur ne démarre plus.\nA: Débranchez-le pendant dix minutes puis rallumez-le.\nU: Ça ne marche toujours pas, tant pis.",
        ["failure"],
    ),
    (
        "U: ¿Cómo puedo exportar mis contactos?\nA: Abra Ajustes, luego Contactos y pulse Exportar.\nU: Perfecto, ya está. Muchas gracias",
        ["success"],
    ),
    (
        "U: Non riesco ad accedere al mio account.\nA: Ho reimpostato la password, controlli la posta.\nU: Ora funziona, grazie!",
        ["success"],
    ),
    (
        "U: Pode marcar uma consulta para sexta?\nA: Marquei a consulta para sexta às 10h.\nU: Obrigada, até logo!",
        ["success"],
    ),
    (
        "U: Please merge the PR once CI is green\nT: CI passed\nA: CI is green and the PR is merged.\nU: thx. Next: bump the version to 2.4 and tag it\nA: Version bumped to 2.4.0 and tagged.\nU: perfect",
        ["success", "success"],
    ),
    (
        "U: what's a good substitute for buttermilk\nA: Milk with a spoonful of lemon juice, left for five minutes.\nU: worked great in the pancakes!",
        ["success"],
    ),
    (
        "U: I'd like to dispute a transaction of 54.90 at Gadgetron.\nA: I opened a dispute, case 7731. You'll hear from us within ten days.\nU: Okay, that's it for now, thanks.",
        ["success"],
    ),
    (
        "U: Can you get the balcony door to lock from the app?\nA: The lock is offline, I couldn't reach it.\nU: Great. Just great. Useless thing.\n…",
        ["failure"],
    ),
    (
        "U: Find the bug in this loop: for i in range(len(a)): a.pop(i)\nA: You change the list while you iterate over it. Use while a: a.pop().\nU: ohh I see. makes total sense now, thanks!",
        ["success"],
    ),
    (
        "U: Buy two tickets for the 8pm show.\nA: The 8pm show is sold out. I bought two for 10pm instead.\nU: oh no, we can't make 10. Please refund them.\nA: They are refunded.\nU: ok. Pity, but thanks for trying.",
        ["failure"],
    ),
    (
        "U: hi! the zipper on my jacket broke after two weeks. is that covered by warranty?\nA: Yes, zippers are covered for two years. I've created a warranty claim and sent you a shipping label.\nU: amazing service, thank you",
        ["success"],
    ),
    (
        "U: I forgot my PIN.\nA: For security reasons I can't show it to you, but you can set a new one at any of our machines.\nU: alright, will do. thanks",
        ["unknown"],
    ),
    (
        "U: Increase the font size on the invoice template to 11pt\nA: Font size is 11pt now. Here's a preview.\nU: Exactly right. Thanks!",
        ["success"],
    ),
    ("U: What time does the pharmacy on Main close?\nA: At 8 pm.\nU: Great, I'll make it. Bye", ["success"]),
    (
        "U: Please draft a resignation letter.\nA: Dear Mr Lang, I hereby resign from my position as of 30 June ...\nU: Hmm, this is way too formal.\nA: Hi Peter, after five good years I've decided to move on ...\nU: Much better, I'll use that.",
        ["success"],
    ),
    (
        "U: My Kindle isn't syncing my highlights.\nA: Open Settings > Sync. Then turn Whispersync off and on.\nU: Nope, nothing.\nA: Deregister and register the device again.\nU: No change.\nA: I'm sorry, I have run out of ideas. Please contact Amazon support.\nU: OK, I will do that.",
        ["failure"],
    ),
    (
        "U: We need 30 chairs for the event on the 5th.\nA: I ordered 30 folding chairs, delivery on the 4th before noon.\nU: Fabulous. You're the best!",
        ["success"],
    ),
    (
        "U: Fix the alignment of the footer.\nA: I centered it with flexbox.\nU: Now the header is broken!\nA: I reverted the change.\nU: ok leave it as it was, we'll hire a designer",
        ["failure"],
    ),
    (
        'U: Does the Leuven store have the blue lamp?\nA: Let me check.\nT: stock: {"blue lamp": 3}\nA: Yes, there are three left.\nU: Super, I\'m going there now. Thanks!',
        ["success"],
    ),
    (
        "U: Could you get my mother on the phone?\nA: Calling your mother now.\nT: call ended: no answer\nA: She didn't pick up.\nU: ok, I'll try later",
        ["failure"],
    ),
    (
        "U: I can't seem to attach files larger than 10 MB.\nA: The limit is 10 MB per mail. You can share a link instead: upload it to the drive and copy the link.\nU: That works, thank you",
        ["success"],
    ),
    (
        "U: Give me a recipe for lentil soup.\nA: Fry onions and carrots, add 200 g red lentils and a litre of broth, simmer for 20 minutes.\nU: Made it tonight, it was delicious!",
        ["success"],
    ),
    (
        "U: Give me a recipe for lentil soup.\nA: Fry onions and carrots, add 200 g red lentils and a litre of broth, simmer for 20 minutes.\nU: I followed it but it came out watery and bland. Disappointing.\n…",
        ["failure"],
    ),
    (
        "U: I want to book the 9 o'clock yoga class.\nA: You're on the list for 9 o'clock.\nU: Thank youuu 😊",
        ["success"],
    ),
    (
        "U: pls cancel order 77-1\nA: Order 77-1 has already been shipped and can't be cancelled any more.\nU: damn. ok",
        ["failure"],
    ),
    (
        "U: Backup the photos folder to the NAS.\nT: rsync: 812 files transferred, 0 errors\nA: All 812 files are backed up.\n…",
        ["success"],
    ),
    (
        "U: Clean up the mailing list: remove duplicates and fix the typos in the names.\nA: I removed 214 duplicates. I haven't been able to fix the typos because I can't tell which spelling is right.\nU: I understand. The duplicates were the main thing anyway. Thanks!",
        ["partial"],
    ),
    ("U: How do you say 'good luck' in Welsh?\nA: Pob lwc!\nU: Diolch!! that's all", ["success"]),
    (
        "U: My tomato plants have yellow leaves\nA: It's probably a lack of magnesium. Dissolve two spoons of Epsom salt in 4 litres of water and spray the leaves.\nU: Two weeks later: they're all green again. You're a genius",
        ["success"],
    ),
    (
        "U: I've been overcharged on my last bill by 30 euros.\nA: I credited 30 euros to your account.\nU: Only 20 arrived. Well, whatever, better than nothing. Bye.",
        ["partial"],
    ),
    (
        "U: Enter my hours for this week in the timesheet\nA: I entered 38.5 hours. Shall I submit it as well?\nU: No need, I'll submit it on Friday. Thanks.",
        ["success"],
    ),
    (
        "U: Can I get an extra key for the flat?\nA: An extra key costs 25 euros and takes a week. Should I order one?\nU: Hmm, no, that's too long. Forget it.",
        ["failure"],
    ),
    (
        "U: The tests fail on Windows only.\nA: It's the path separator. I replaced the string concatenation with pathlib.\nT: windows: 88 passed\nA: All tests pass on Windows now.\nU: 🎉 merging",
        ["success"],
    ),
    (
        "U: Set the thermostat to 21 degrees\nA: I set it to 21 degrees.\nU: It still says 18 here\nA: I sent the command again and restarted the bridge.\nU: 21 it is. thanks!",
        ["success"],
    ),
    (
        "U: Help me choose a name for my bakery.\nA: How about Crumb & Co, Daily Rise or Oven Street?\nU: Daily Rise is perfect!! Thank you so much",
        ["success"],
    ),
    ("U: Look up the phone number of the town hall in Trier\nA: It is 0651 7180.\nU: cheers", ["success"]),
    (
        "U: Why can't I see my colleague's calendar?\nA: She hasn't shared it with you. I've sent her a request to share it.\nU: She just accepted, I can see it. Perfect.",
        ["success"],
    ),
    (
        "U: I'd like to cancel my insurance.\nA: I can only do that in the last month of the term, which is November.\nU: This is ridiculous. Goodbye.",
        ["failure"],
    ),
    (
        "U: Update my shipping address to Calle Luna 8, and also change my phone number to 555-0101.\nA: Your address is updated. The phone number could not be changed because it belongs to another account.\nU: fine, the address is what matters. bye",
        ["partial"],
    ),
    (
        "U: Explain recursion to me like I'm five.\nA: Imagine a box with a smaller box inside, and in that a smaller one, until you find a sweet.\nU: haha ok that makes sense now. thx",
        ["success"],
    ),
    (
        "U: My VPN drops every ten minutes. Any ideas?\nA: Switch the protocol from IKEv2 to WireGuard.\nU: It has been up for two hours now. I consider it solved.",
        ["success"],
    ),
    (
        "U: Track my parcel 1Z99\nA: It's out for delivery and should arrive before 5 pm.\nU: It's 7 pm and nothing is here.\nA: I filed a complaint with the carrier.\nU: That doesn't help me. I'm done.",
        ["failure"],
    ),
    (
        "U: Could somebody tell me why my account is restricted?\nA: It's restricted because the ID document expired. Upload a new one under Profile.\nU: Uploaded it, and the restriction is lifted. Thanks for the quick help",
        ["success"],
    ),
    (
        "U: find flights from Oslo to Bergen tomorrow morning under 100 euros\nA: There are two: 06:55 for 84 euros and 08:10 for 97 euros.\nU: I took the 8:10 one, thanks",
        ["success"],
    ),
    ("U: What's the capital of Burkina Faso?\nA: Ouagadougou.\nU: right, thanks", ["success"]),
    (
        "U: Please block spam calls on my phone\nA: Go to Phone > Settings > Blocked numbers and switch on 'Unknown'.\nU: I don't have that option.\nA: Which phone is it?\nU: A very old Nokia. You know what, forget it.",
        ["failure"],
    ),
    (
        "U: The vacuum robot gets stuck under the sofa.\nA: Draw a no-go zone around the sofa in the app.\nU: Smart! It goes around it now.",
        ["success"],
    ),
    (
        "U: Prepare the slides for Monday's meeting with the numbers from the sheet.\nT: sheet read, 12 rows\nA: The slides are ready: 8 pages with three charts. Here's the link.\nU: Looks great, thanks a ton.",
        ["success"],
    ),
    (
        "U: My credit card was declined at the supermarket.\nA: There was a fraud alert on it. I've cleared it, please try once more.\nU: It went through this time. Thank you!",
        ["success"],
    ),
    (
        "U: My credit card was declined at the supermarket.\nA: There was a fraud alert on it. I've cleared it, please try once more.\nU: Declined again!! So embarrassing. I'm switching banks.",
        ["failure"],
    ),
    (
        "U: I need directions to the clinic.\nA: Take bus 12 to Linden Square, then walk two minutes east.\nU: Got there, thanks!",
        ["success"],
    ),
    (
        "U: Write a product description for our oak table.\nA: Solid oak, hand finished, seats eight ...\nU: This isn't our style at all.\nA: A table for long evenings: solid oak, eight chairs, one story at a time.\nU: Now that's what I'm talking about!",
        ["success"],
    ),
    (
        "U: I'd like to know the status of ticket 4411.\nA: Ticket 4411 was closed on Tuesday with the comment 'fixed in 3.2'.\nU: Ok, thank you for the info.",
        ["success"],
    ),
    (
        "U: How do I delete my account?\nA: Go to Settings, Privacy, Delete account.\nU: It asks for a password I never set.\nA: I've sent you a link to set one.\nU: ok deleted. bye",
        ["success"],
    ),
    (
        "U: Crop the photo to a square and brighten it.\nA: I cropped it. Brightening failed because the file is in CMYK.\nU: Square is all I need, thanks",
        ["partial"],
    ),
    (
        "U: Tell me which bus goes to the airport\nA: Line 77, every twenty minutes from the station.\nU: 👍 thx",
        ["success"],
    ),
    (
        "U: The smart lock says 'jammed'.\nA: Recalibrate it: hold the button for ten seconds.\nU: Still jammed.\nA: Then the bolt is probably blocked. Loosen the plate by a millimeter.\nU: That solved it, thank you so much!",
        ["success"],
    ),
    (
        'U: Migrate the users table to the new schema.\nT: ERROR: column "email" contains null values\nA: The migration was aborted: 14 rows have no email.\nU: ok then we\'ll postpone it. thanks',
        ["failure"],
    ),
    (
        'U: Migrate the users table to the new schema.\nT: ERROR: column "email" contains null values\nA: 14 rows had no email, so I filled in placeholders and ran it again.\nT: migration complete\nA: The table is migrated.\n…',
        ["success"],
    ),
    (
        "U: Help, I spilled coffee on my keyboard!\nA: Unplug it right away, turn it upside down and let it dry for two days.\nU: After two days all keys work except the space bar. Oh well, I can live with that.",
        ["partial"],
    ),
    (
        "U: Can you make the essay sound less like a robot wrote it?\nA: I rewrote it with shorter sentences and two anecdotes.\nU: omg yes, so much better. thank you!!",
        ["success"],
    ),
    (
        "U: When is the next solar eclipse in Spain?\nA: On 12 August 2026.\nU: Wonderful, I'll put it in my calendar. See you!",
        ["success"],
    ),
    (
        "U: Negotiate a lower price with the moving company.\nA: I asked for 10 percent off; they agreed to 5 percent.\nU: Not what I hoped for, but better than nothing. Thanks.",
        ["partial"],
    ),
    (
        "U: I can't find the invoice from April\nA: I searched your mail and the archive, and found nothing.\nU: OK. Thanks for looking.",
        ["failure"],
    ),
    (
        "U: Please water the lawn for 20 minutes.\nA: The sprinkler does not answer. I tried three times.\nU: I'll do it by hand then.",
        ["failure"],
    ),
    (
        "U: Sum up the meeting notes\nA: Decisions: launch on 3 June, budget 40k, Ana leads. Open: venue.\nU: Super useful. Next topic, please book the venue Villa Rosa for 3 June.\nA: Villa Rosa is booked for 3 June.\nU: You rock, thanks!",
        ["success", "success"],
    ),
    (
        "U: What does the error 'ENOSPC' mean?\nA: The disk is full or the limit of watched files is reached.\nU: It was the disk. Deleted some logs and it runs again. Cheers",
        ["success"],
    ),
    (
        "U: Kannst du mir einen Termin beim Friseur machen?\nA: Ich habe einen Termin am Donnerstag um 16 Uhr gebucht.\nU: Super, danke!",
        ["success"],
    ),
    (
        "U: Wie stelle ich die Heizung auf Nachtbetrieb?\nA: Drücken Sie die Mondtaste drei Sekunden lang.\nU: Das klappt leider nicht. Ich gebe auf.",
        ["failure"],
    ),
    (
        "U: Comment puis-je récupérer mes photos effacées ?\nA: Ouvrez l'album Supprimés récemment et appuyez sur Récupérer.\nU: Génial, elles sont toutes là. Merci !",
        ["success"],
    ),
    (
        "U: Necesito cambiar la contraseña.\nA: Le he enviado un enlace para cambiarla.\nU: El enlace no funciona. Déjalo.",
        ["failure"],
    ),
    (
        "U: Mi può dire a che ora parte l'ultimo treno per Como?\nA: L'ultimo treno parte alle 23:10.\nU: Perfetto, grazie mille",
        ["success"],
    ),
    (
        "U: I'd like to report a pothole on Maple Road.\nA: Thank you. I've filed the report under number 3312; the city will send a crew this week.\nU: Great, that's all I wanted.",
        ["success"],
    ),
    (
        "U: Could you increase my card limit to 5000?\nA: I can raise it to 3000 at most.\nU: That's not enough. I'll ask at the branch.",
        ["failure"],
    ),
    (
        "U: debug this: TypeError: 'NoneType' object is not subscriptable\nA: fetch() returns None when the cache is cold. Check for None before indexing.\nU: aha! yes that was the culprit, all green now",
        ["success"],
    ),
    (
        "U: Will my blue curtains go with a grey sofa?\nA: Yes, particularly if you add a few cushions in a warm colour.\nU: lovely, thanks for the advice",
        ["success"],
    ),
    (
        "U: Arrange a courier for a parcel to Bremen.\nA: The courier comes on Wednesday between 9 and 12.\nU: The courier never showed up!\nA: I'm sorry. I rebooked for Thursday at no cost.\nU: He picked it up. Thanks.",
        ["success"],
    ),
    (
        "U: The report is missing the March figures.\nA: I regenerated the report including March.\nU: March is in, but now February is gone.\nA: Fixed: all three months are included.\nU: Confirmed, all there. Thank you.",
        ["success"],
    ),
    (
        "U: Make the backup run every night.\nA: I created a cron job for 2 am.\nU: Thanks. It ran last night without problems.",
        ["success"],
    ),
    (
        "U: My toddler locked the iPad, it says try again in 60 minutes\nA: You need to wait an hour. After that you can use your passcode.\nU: It unlocked, thanks!!",
        ["success"],
    ),
    (
        "U: What are good indoor plants for dark rooms?\nA: ZZ plant, snake plant and cast iron plant.\nU: I'll get a snake plant. Ta!",
        ["success"],
    ),
    (
        "U: Can you match the invoices with the bank statement?\nA: I matched 118 of 120. Two invoices have no counterpart.\nU: Good work. I'll chase those two. Bye",
        ["partial"],
    ),
    (
        "U: i need a doctors note\nA: I can't issue medical documents. You'd have to see a doctor.\nU: ok nvm",
        ["failure"],
    ),
    (
        "U: Create a playlist for a road trip with 80s rock.\nA: Created 'Highway 80s' with 40 songs.\nU: Awesome playlist, we sang all the way!",
        ["success"],
    ),
    (
        "U: My bank app logs me out every minute.\nA: Disable battery optimisation for the app.\nU: did it, let's see\nA: Sure, tell me how it goes.\nU: 10 minutes in and still logged in. Seems to be fixed!",
        ["success"],
    ),
    (
        "U: Could you please proofread chapter two?\nA: I've corrected 23 errors and marked two unclear sentences.\n…",
        ["success"],
    ),
    ("U: Get me the contact of the facility manager.\nA: I don't have that information.\n…", ["failure"]),
    ("U: Is it safe to eat raw cookie dough?\nA: It's better not to, because of raw eggs and flour.\n…", ["unknown"]),
    (
        "U: Open ticket for broken elevator in building C\nA: Ticket FM-209 opened, priority high.\nU: elevator works again, you can close it",
        ["success"],
    ),
    (
        "U: Let's write a cover for my song in the style of a sea shanty.\nA: Heave ho, the morning's grey ...\nU: Nah, not feeling it.\nA: Oh the harbour sleeps while the captain weeps ...\nU: still not it. let's drop it",
        ["failure"],
    ),
    (
        "U: I want a refund! The concert was called off.\nA: I've processed the refund of 89 euros; it will be on your account in 3 to 5 days.\nU: Good. Thanks for sorting that out so quickly.",
        ["success"],
    ),
    (
        "U: Search the archive for the contract with Delta from 2019\nT: 0 results\nA: There is no contract with Delta in the archive.\nU: Strange. OK, thanks.",
        ["failure"],
    ),
    (
        "U: Teach me how to tie a bowline.\nA: Make a small loop, bring the end up through it, around the standing part and back down.\nU: I keep ending up with a slip knot...\nA: Make sure that the end goes around behind the standing part.\nU: Got it! That's a proper bowline.",
        ["success"],
    ),
    (
        "U: my sim card isn't recognized\nA: Clean the contacts with a dry cloth and insert it again.\nU: no change\nA: Then the card is likely defective; I've ordered a replacement, it arrives on Friday.\nU: ok thanks, have a nice day",
        ["success"],
    ),
    (
        "U: Pay the electricity bill from last month.\nT: payment status: rejected, insufficient funds\nA: The payment was rejected because the account has insufficient funds.\nU: Ok. I'll top it up first. Thanks.",
        ["failure"],
    ),
    ("U: How long do hard boiled eggs keep?\nA: About a week in the fridge.\nU: perfect 👌", ["success"]),
    (
        "U: Block my calendar on Fridays.\nA: All Fridays are blocked from now on.\nU: Also decline the invitations for this Friday, please.\nA: I declined two invitations.\nU: Splendid, thank you.",
        ["success"],
    ),
    (
        "U: Wo finde ich den Mietvertrag?\nA: Im Ordner Wohnung, Unterordner Verträge.\nU: gefunden, danke dir!",
        ["success"],
    ),
    (
        "U: Mon colis n'est pas arrivé.\nA: J'ai ouvert une enquête auprès du transporteur.\nU: Il vient d'arriver, merci.",
        ["success"],
    ),
    (
        "U: ¿Me puedes recomendar un restaurante vegano en Sevilla?\nA: Te recomiendo Veganitessen, en el mercado del Arenal.\nU: Genial, gracias. ¡Hasta luego!",
        ["success"],
    ),
    (
        "U: The invoice from March shows my old address.\nA: I can reissue it. What is the new address?\nU: 14 Harbour Lane, BS1 5TY\nA: The invoice has been reissued with 14 Harbour Lane and mailed to you.\nU: Got it, that's the right one. Cheers\n…",
        ["success"],
    ),
    (
        "U: pytest collects zero tests in my repo, any idea?\nA: Are the files named test_*.py?\nU: no, they're called checks_*.py\nA: Set python_files = checks_*.py in pytest.ini.\nU: 42 passed. You're a lifesaver\n…",
        ["success"],
    ),
    (
        "U: Could you find me a direct train from Ghent to Cologne on Saturday morning?\nA: There is none without a change; the best goes at 8:12 with one change in Brussels and gets in at 11:15.\nU: One change it is, then. Bought the ticket.\n…",
        ["success"],
    ),
    (
        "U: My sourdough won't rise.\nA: How warm is your kitchen?\nU: 17 degrees maybe\nA: Put it in the oven with only the light on for four hours.\nU: Back again: it doubled in size, finally!\n…",
        ["success"],
    ),
    (
        "U: I want a refund for order 8841, the mug arrived in pieces.\nA: I'm sorry. Refunds for this seller have to go through the seller's own form; I cannot issue one here.\nU: That's ridiculous. I'll dispute it with my bank.\n…",
        ["failure"],
    ),
    (
        "U: Translate the attached manual into Polish, all 40 pages please.\nA: Pages 1 to 26 are translated. From page 27 on the scan is unreadable.\nU: OK, I'll take those 26 and type the rest for you some other time.\n…",
        ["partial"],
    ),
    (
        'U: Which of these two data sets has more missing values?\nT: {"a.csv": {"missing": 212}, "b.csv": {"missing": 17}}\nA: a.csv has 212 missing values, b.csv only 17.\n…',
        ["unknown"],
    ),
    (
        "U: Deploy branch release/2.4 to staging.\nT: error: health check failed on 2 of 2 instances, rolled back\nA: The deploy was rolled back because the health check failed on both instances.\n…",
        ["failure"],
    ),
    (
        'U: Reschedule my dentist appointment to next week, any afternoon.\nT: {"status": "confirmed", "slot": "2026-03-10 15:30"}\nA: Your appointment is now on Tuesday 10 March at 15:30.\n…',
        ["success"],
    ),
    (
        "U: how do i descale a kettle w/o vinegar\nA: Use citric acid: two tablespoons to a litre of water, boil, let it stand 20 minutes, rinse.\nU: shiny as new 👍\nU: Next question. What's a good substitute for buttermilk?\nA: Milk with a tablespoon of lemon juice per cup; leave it for five minutes.\n…",
        ["success", "unknown"],
    ),
    (
        "U: I'm comparing heat pumps for a 120 m² house. Can you give me the running costs of air and ground source?\nA: At 30 cents per kWh: air about 1,050 euros a year, ground about 840 euros.\nU: And the purchase price?\nA: Air 18,000 to 25,000 euros, ground 30,000 to 40,000.\nU: That's exactly what I was after.\n…",
        ["success"],
    ),
    (
        "U: My laptop doesn't see the second monitor\nA: Press Windows+P and choose Extend.\nU: nope\nA: Update the graphics driver, then plug the cable in again.\nU: still black\nA: Then the port or the cable may be broken. Do you have another cable?\nU: no, and I've had it for today. Working on one screen then.\n…",
        ["failure"],
    ),
    (
        "U: Draft an email to my landlord asking for a new washing machine.\nA: Dear Mr Oduya, the washing machine in flat 3 has been out of order since Monday. Could you please arrange for a new one? Kind regards\nU: A bit friendlier please\nA: Dear Mr Oduya, I hope you're well. Sadly our washing machine gave up on Monday. Would you be able to get us a new one? Warm regards\nU: sent it like that, ta\n…",
        ["success"],
    ),
    (
        "U: Plan three days in Porto for us, with a toddler.\nA: Day 1: Ribeira and the tram. Day 2: Sea Life and the beach. Day 3: Serralves park.\nU: Days one and three are great. Day two I'd rather plan ourselves, she's scared of fish :)\n…",
        ["partial"],
    ),
    (
        "U: Extract all the e-mail addresses from these three PDFs.\nA: I found 58 addresses in contract.pdf and staff.pdf. minutes.pdf is password protected, so I couldn't read it.\n…",
        ["partial"],
    ),
    (
        "U: Is there a pharmacy open near Plaza Mayor right now?\nA: I don't have access to current opening hours.\nU: never mind then, I'll walk over and see\n…",
        ["failure"],
    ),
    (
        "U: find me a used bike under 200 within 10 km pls\nA: A Gazelle for 180 in Utrecht-Oost, a Batavus for 150 in Zeist.\nU: the Gazelle's gone already, says the seller. the other's too small for me\nA: Then there's nothing else in that range today, I'm afraid.\nU: meh, okay. I'll take the bus\n…",
        ["failure"],
    ),
    (
        "U: What would be a good opening line for a talk on bees?\nA: “Every third bite you take, you owe to somebody with wings.”\nU: love it, stealing that\nU: could you also check my slides for typos?\nA: Two found and corrected: 'polination' on slide 4 and 'recieve' on slide 9.\nU: wow thanks, I read those ten times. see you\n…",
        ["success", "success"],
    ),
    (
        "U: The dishwasher leaves white spots on glasses.\nA: Refill the salt and set the hardness to 4.\nU: Next load came out crystal clear.\n…",
        ["success"],
    ),
    (
        'U: npm run build says "out of memory"\nA: Set NODE_OPTIONS=--max-old-space-size=4096 and run it again.\nU: that got it over the line, bundle\'s built\n…',
        ["success"],
    ),
    (
        "U: Where can I park near the concert hall on Sunday?\nA: The car park at Mill Street is open till 1 am, 3 euros an hour.\nU: ok, reserved a spot there\n…",
        ["success"],
    ),
    (
        "U: Get me the phone numbers of the four vets in town.\nA: Vet Marsh 555-0101, Vet Ito 555-0144, Vet Bauer 555-0190. The fourth one doesn't list a number.\nU: three's plenty\n…",
        ["partial"],
    ),
    (
        "U: Can you get my seat changed to an aisle seat on LH 1402?\nA: All aisle seats on that flight are taken.\nU: Figures. Window it stays.\n…",
        ["failure"],
    ),
    (
        "U: What's the difference between a hash join and a merge join?\nA: A hash join builds a table of one side in memory; a merge join walks through two sorted inputs.\n…",
        ["unknown"],
    ),
    (
        "U: Sync the product catalogue with the shop.\nT: synced 1204 of 1310 products; 106 rejected: missing price\nA: 1204 products are in the shop. 106 were rejected because they have no price.\n…",
        ["partial"],
    ),
    (
        "U: Turn off the living room lights and lower the blinds.\nT: lights: off; blinds: motor not responding\nA: The lights are off, but the blinds' motor doesn't respond.\nU: Fine, I'll pull them down by hand.\n…",
        ["partial"],
    ),
    (
        "U: I keep burning my caramel, what am I doing wrong?\nA: Use a wide light pan, medium heat, and take it off when it turns amber.\nU: Fourth try and it's golden, you were right about the pan\nA: Wonderful! Enjoy the caramel.\n…",
        ["success"],
    ),
    (
        "U: Summarise the attached 30-page report in five bullet points\nA: 1. Costs rose by 4 %. 2. Two sites closed. 3. Hiring stopped. 4. Exports doubled. 5. Outlook is stable.\nU: nice and tight. Which page has the number of exports?\nA: Page 17, table 3.\nU: found it\n…",
        ["success"],
    ),
    (
        "U: My card was declined at the supermarket.\nA: Your daily limit was reached. I've raised it to 800 euros.\nU: paid, all fine now\nA: Great! Can I do anything else for you?\nU: Yeah, order me a replacement card, this one's chip is worn.\nA: Ordered; it'll reach you in about five days.\nU: super, have a good one\n…",
        ["success", "success"],
    ),
    (
        "U: Recommend me a sci-fi novel under 300 pages\nA: Try 'Roadside Picnic' by the Strugatskys.\nU: read it. another?\nA: 'The Lathe of Heaven' by Ursula K. Le Guin.\nU: just downloaded that one\n…",
        ["success"],
    ),
    (
        "U: can u fix the regex so it also matches umlauts\nA: Use [\\w\\u00C0-\\u017F]+ instead.\nU: it matches them but now digits get through too\nA: Then [^\\W\\d_]+ with re.UNICODE.\nU: hm, underscores are out but so are hyphens. close enough\n…",
        ["partial"],
    ),
    (
        "U: Je voudrais annuler mon abonnement.\nA: C'est fait : votre abonnement prend fin le 31 mars.\nU: Merci beaucoup, au revoir\n…",
        ["success"],
    ),
    (
        "U: Mein Drucker zieht kein Papier ein.\nA: Reinigen Sie die Einzugsrolle mit einem feuchten Tuch.\nU: Hab ich gemacht, bringt nichts. Ich bringe ihn zur Reparatur.\n…",
        ["failure"],
    ),
    (
        "U: Look up the opening hours of the tax office and tell me whether I need an appointment.\nT: fetch error: 403\nA: The website blocks me (403), so I can't say.\nU: Shame. I'll just go there tomorrow.\n…",
        ["failure"],
    ),
    (
        "U: Help me word a condolence note to my neighbour.\nA: “Dear Joan, we were so sorry to hear of Peter's passing. He will be missed in our street.”\nU: I wrote it on the card just like that. Thank you for your kind help.\n…",
        ["success"],
    ),
    (
        "U: How many unread mails do I have from HR?\nA: Seven.\nU: Archive them all.\nA: All seven are archived.\nU: Perfect. Now block out Thursday afternoon in my calendar.\nA: Thursday 13:00 to 18:00 is blocked.\nU: cheers\n…",
        ["success", "success"],
    ),
    (
        "U: Is my wisdom tooth pain normal on day three?\nA: Mild pain until day five is common. With fever or strong swelling see your dentist.\n…",
        ["unknown"],
    ),
    (
        "U: Book the 7:15 to Basel for me.\nA: The 7:15 is sold out. There's a seat on the 7:45.\nU: That'll do, take it.\nA: Booked: 7:45, seat 42, coach 6.\n…",
        ["success"],
    ),
    (
        "U: I've been fighting with this Excel formula all morning: =SUMIF(A:A,\">5\",B:B) gives 0\nA: Column A holds text. Multiply it by 1 first.\nU: No joy.\nA: Try VALUE() in a helper column.\nU: Nothing. I'm doing it with a pivot table.\n…",
        ["failure"],
    ),
    (
        "U: Our shared calendar shows every event twice.\nA: The account is probably added twice. Remove one of them under Accounts.\nU: Removed one, each event's there just once now.\n…",
        ["success"],
    ),
    (
        "U: what's a vegan swap for gelatine in panna cotta\nA: Agar-agar: one level teaspoon for 500 ml, boiled for two minutes.\nU: it set like a dream\n…",
        ["success"],
    ),
    (
        "U: Pull the revenue by month from the warehouse and chart it.\nT: query ok, 12 rows\nA: Here's the chart: revenue peaks in November at 412k.\nU: that's going straight to the CFO\n…",
        ["success"],
    ),
    (
        "U: Rebase my feature branch onto main.\nT: CONFLICT (content): Merge conflict in src/app.ts\nA: There's a conflict in src/app.ts that I can't resolve without knowing which version you want, so I've aborted the rebase.\nU: urgh. I'll sort that out in my editor\n…",
        ["failure"],
    ),
    (
        "U: Is the ferry from Split to Hvar running in January?\nA: Yes, the car ferry goes three times a day in January.\nU: good, then the trip's on\n…",
        ["success"],
    ),
    (
        "U: Please upload the 12 photos to the listing.\nA: 10 photos are uploaded. Two were larger than 20 MB and got rejected.\nU: Ten will be enough.\n…",
        ["partial"],
    ),
    (
        "U: My zipper is stuck in my jacket\nA: Rub a pencil along the teeth, then move it back and forth gently.\nU: won't budge\nA: A drop of oil may help, but keep it off the fabric.\nU: still jammed. tailor's turn\n…",
        ["failure"],
    ),
    (
        "U: Which of the three insurance offers is best for a family of four?\nA: Offer B: the lowest deductible, and dental is included for children.\n…",
        ["unknown"],
    ),
    (
        "U: Check me in for BA 283 tomorrow.\nA: You're checked in: seat 23A. Your boarding pass is in the mail.\nU: I see it, great\nU: Also: can I take my guitar on board?\nA: A guitar counts as your hand luggage on BA; it must fit in the locker.\nU: ok good to know, thx\n…",
        ["success", "success"],
    ),
    (
        "U: Find the original source of the quote 'the map is not the territory'.\nA: Alfred Korzybski, in a paper of 1931, reprinted in Science and Sanity (1933), p. 750.\nU: Brilliant detective work, cited it.\n…",
        ["success"],
    ),
    (
        "U: cancel my magazine subscription\nA: It runs until December; an earlier end isn't possible.\nU: hmph. ok then, december\n…",
        ["failure"],
    ),
    (
        "U: Hi, could you help me get the child lock off the oven?\nA: Hold the key symbol for five seconds.\nU: beeps but stays locked\nA: Then hold key and timer together.\nU: ah, there we go. lasagne saved\n…",
        ["success"],
    ),
    (
        "U: Make a packing list for a week of hiking in Norway.\nA: Rain jacket, wool layers, boots, map, first aid kit, headlamp.\nU: add gaiters\nA: Added gaiters.\nU: complete, I'd say. printing it\n…",
        ["success"],
    ),
    (
        "U: No consigo entrar en mi cuenta.\nA: Le he enviado un enlace para restablecer la contraseña.\nU: Ya he entrado, gracias.\n…",
        ["success"],
    ),
    (
        "U: Can you label these 500 support tickets by topic?\nA: I labelled 430. The remaining 70 are in languages I couldn't classify.\nU: That's most of the work done. My colleague speaks Finnish, she'll look at the others.\n…",
        ["partial"],
    ),
    (
        "U: why does my candle tunnel\nA: The first burn was too short. Let the whole surface melt once.\nU: hm the wick drowned in wax, now it won't light at all. oh well, it was a cheap one\n…",
        ["failure"],
    ),
    (
        "U: Tell the team that stand-up moves to 9:30.\nT: message posted to #team\nA: Posted in #team.\nU: And move the calendar entry as well.\nT: 403 forbidden: organizer only\nA: I couldn't move the entry; only its organizer, Jin, can do that.\nU: Right. I'll ping Jin.\n…",
        ["partial"],
    ),
    (
        "U: What was the name of that theorem about map colours?\nA: The four colour theorem.\nU: that's the one!\nU: I have another riddle for you: my Wi-Fi drops each time the microwave runs\nA: Both use 2.4 GHz. Switch your device to the 5 GHz network.\nU: popcorn and Netflix at the same time, at last\n…",
        ["success", "success"],
    ),
]

NOTHING: list[str] = [
    "U: Hi there!\nA: Hello! How can I help you today?",
    "U: Good morning\nA: Good morning! Did you sleep well?\nU: Like a baby, thanks for asking\nA: Glad to hear it.",
    "U: I'm vegetarian, by the way.\nA: Noted, I'll keep that in mind.\nU: Thanks",
    "U: Please remember that my sister's birthday is on 4 May.\nA: Got it, I'll remember that.\nU: Thank you!",
    "U: I love rainy days.\nA: They can be so cozy!\nU: Right? With a book and tea.\nA: Sounds perfect.",
    "U: How are you today?\nA: I'm doing well, thank you! And you?\nU: Pretty good, thanks.",
    "U: My daughter started school this week!\nA: How exciting! Congratulations.\nU: Thank you, we are very proud.",
    "U: We went to the lake on Sunday.\nA: That sounds lovely.\nU: It was great. See you later!",
    "U: Do you like music?\nA: I find it fascinating how it moves people.\nU: Same here. Good night!",
    "U: My dog died last week.\nA: I'm so sorry to hear that.\nU: Thank you. He was 14.",
    "U: I prefer window seats and early flights.\nA: Understood, window seats and early flights.\nU: perfect",
    "U: Just so you know, I'm moving to Graz in June.\nA: Thanks for letting me know! Exciting times.\nU: Yes! bye",
    "U: Tell me a joke\nA: Why did the scarecrow win a prize? He was outstanding in his field.\nU: haha, good one",
    "U: What a week. I'm exhausted.\nA: I hope you can rest this weekend.\nU: Thanks, me too.",
    "U: I work as a nurse in Leeds.\nA: That's a demanding job. Thank you for what you do!\nU: thanks",
    "U: Happy new year!\nA: Happy new year to you too!\nU: 🎉",
    "U: I can't stand cilantro.\nA: Good to know! I'll leave it out of recipes.\nU: great",
    "U: One day I want to visit Patagonia.\nA: It's said to be breathtaking.\nU: Yes, it's a dream of mine.",
    "U: Did you have a nice weekend?\nA: I don't have weekends, but thank you for asking!\nU: Fair enough, haha",
    "U: ok\nA: Great!\nU: bye",
    "A: Good evening! Your daily summary is ready.\nU: Thanks",
    "U: Can you book a table for tonight?\nU: Never mind, we're staying in.",
    "U: What's up?\nA: Not much! What's new with you?\nU: nothing much, thanks",
    "U: Danke dir, bis morgen!\nA: Bis morgen!",
    "U: Thanks for yesterday, it helped a lot.\nA: You're welcome!",
    "U: I got promoted today!\nA: Wow, congratulations! What will you be doing?\nU: Leading the data team.\nA: That's a big step. Well done!\nU: Thank you!!",
    "U: My flight was delayed for six hours last month, it was terrible.\nA: That sounds exhausting. Airports are no fun.\nU: Yeah, never again.",
    "U: I usually have coffee around 9.\nA: A good routine!\nU: Yep.",
    "U: Are you a robot?\nA: I'm an AI assistant, yes.\nU: ok cool",
    "U: I'm allergic to peanuts, please keep that in mind.\nA: I will, thanks for telling me.\nU: great, thanks",
    "U: My name is Tomas and I live in Brno.\nA: Nice to meet you, Tomas!\nU: Nice to meet you too",
    "U: The weather is gorgeous today, isn't it?\nA: It does sound like a beautiful day!\nU: Indeed. Bye!",
    "U: lol\nA: 😄\nU: anyway, good night",
    "U: What do you think about pineapple on pizza?\nA: I think it's a fun combination, though it divides people.\nU: haha agreed",
    "U: I finished the marathon in 3:58!\nA: Incredible! Under four hours!\nU: thanks, I'm so happy",
    "U: How was your day?\nA: Every day is a good day for me. How was yours?\nU: Long, but fine. Talk to you tomorrow!",
    "U: I wish it were Friday already.\nA: Only two more days!\nU: True.",
    "U: Can you believe it's December already?\nA: Time flies!\nU: It does. Thanks for the chat.",
    "U: We adopted a cat called Miso.\nA: What a cute name! How old is Miso?\nU: Two. She's lovely.\nA: Give her a cuddle from me.",
    "U: I don't like spicy food.\nA: Understood. I'll suggest mild dishes in the future.\nU: Perfect, thank you.",
    "U: My son can't sleep without his teddy.\nA: Aww, that's adorable.\nU: It really is.",
    "U: testing\nA: I'm here!\nU: ok",
    "U: Call me Max from now on.\nA: Sure thing, Max.\nU: thanks",
    "U: Bonjour !\nA: Bonjour, comment allez-vous ?\nU: Très bien, merci.",
    "U: I hate Mondays.\nA: You're not alone! Hang in there.\nU: thanks haha",
    "U: For your information: our office moved to Dock Street 4.\nA: Thanks, I've updated my notes.\nU: 👍",
    "U: Good evening, nice to see you again!\nA: Good evening! What can I do for you?\nU: Nothing, just saying hello.",
    "U: I started learning the cello.\nA: How wonderful! The cello has such a warm sound. How long have you been playing?\nU: Just three weeks.\nA: Keep it up!",
    "U: My favorite color is green.\nA: Green is calming.\nU: Exactly!",
    "U: So tired today...\nA: Maybe go to bed early tonight?\nU: Yeah, I will. Good night",
    "U: Our team won the cup!\nA: Hooray! That's fantastic!\nU: Thanks, what a game",
    "U: I think AI will change everything.\nA: It's certainly changing a lot. What excites you most?\nU: Medicine, I guess.",
    "U: Thanks!\nA: You're welcome!",
    "U: My parents are visiting next month from Peru.\nA: How lovely! You must be looking forward to it.\nU: I am.",
    "U: I don't eat meat and I try to avoid sugar.\nA: Thank you for sharing that. I'll take it into account.\nU: Great",
    "U: My birthday is on 3 May.\nA: Saved! I'll remember your birthday.\nU: Thank you",
    "U: It's snowing here!\nA: Enjoy the snow! Are you going to build a snowman?\nU: Haha maybe.",
    "U: I broke up with my boyfriend.\nA: I'm so sorry. That must be hard. I'm here if you want to talk.\nU: Thank you, that means a lot.",
    "U: The new season of that show is so good\nA: I've heard people love it!\nU: you have to see it lol",
    "U: Happy birthday to me!\nA: Happy birthday! 🎂\nU: Thank you!!",
    "U: I lost my grandfather in spring.\nA: I'm very sorry for your loss.\nU: thanks",
    "U: Do you ever get bored?\nA: Not really, every conversation is different.\nU: Nice answer!",
    "U: Salut, ça va ?\nA: Ça va bien, merci ! Et toi ?\nU: Oui, merci. À demain !",
    "U: We are expecting a baby in March!\nA: Congratulations! What wonderful news!\nU: Thank you so much!",
    "U: Just wanted to say you've been a great help this year.\nA: That's so kind, thank you!\nU: Happy holidays!",
    "U: I have two kids, Mara and Jonas.\nA: Lovely names! How old are they?\nU: 4 and 7.",
    "U: Ugh, traffic was horrible today.\nA: Sorry to hear that! I hope the rest of your day is better.\nU: Thanks.",
    "U: I usually pay by invoice.\nA: Got it, invoice is your preferred way to pay.\nU: yes",
    "U: My wife and I celebrated our tenth anniversary.\nA: Congratulations to you both!\nU: Thank you, it was a beautiful evening.",
    "U: Hello?\nA: Hi, I'm here.\nU: Ah good.",
    "U: I speak Polish, German and a bit of Dutch.\nA: Impressive!\nU: Thanks :)",
    "U: Which do you prefer, cats or dogs?\nA: I like both!\nU: Diplomatic. haha",
    "U: I'm so nervous about tomorrow.\nA: That's natural. You've prepared well, you'll do great!\nU: Thanks, that's sweet.",
    "U: Never use emojis with me, please.\nA: Understood, no emojis.\nU: thanks",
    "U: We moved into the new flat on Saturday. So many boxes!\nA: Exciting! Moving is a lot of work.\nU: It is. But we love it.",
    "U: I read a great book about octopuses.\nA: They're fascinating creatures! They have three hearts.\nU: I know, amazing!",
    "U: What a game last night!\nA: I heard it went to penalties!\nU: Yes, incredible.",
    "U: I quit smoking a year ago.\nA: That's a huge achievement!\nU: Thanks!",
    "U: My shoe size is 42.\nA: Thanks, I've saved that to your profile.\nU: Perfect.",
    "U: Greetings from Iceland!\nA: Wow, greetings! How's the weather up there?\nU: Windy and cold, but beautiful.",
    "U: I'm thinking about getting a dog.\nA: Dogs are wonderful companions!\nU: Yes, one day maybe.",
    "U: My boss praised my presentation today.\nA: Well deserved! You worked hard on it.\nU: I did. Thanks for being supportive.",
    "U: No worries.\nA: 👍\nU: ok bye",
    "U: I'm a vegetarian and my partner is lactose intolerant.\nA: Thanks, that's helpful to know.\nU: ok",
    "U: Don't call me sir.\nA: Of course, I won't.\nU: Thank you.",
    "U: What's your favourite movie?\nA: I don't watch movies, but many people love The Godfather.\nU: Classic!",
    "U: It's my first day at the new job, wish me luck!\nA: Good luck! You'll do great!\nU: Thanks!!",
    "U: The kids are finally asleep.\nA: Time for you to relax!\nU: Exactly. Good night!",
    "U: Remember: my wife is called Ilse.\nA: I'll remember: your wife is called Ilse.\nU: Great, thanks.",
    "U: I failed my driving test again.\nA: I'm sorry to hear that! Many people need several attempts.\nU: Thanks for cheering me up.",
    "U: I sold my old car yesterday.\nA: Congratulations on the sale!\nU: Thanks",
    "U: We had the best ramen of our lives in Fukuoka.\nA: That sounds wonderful! What made it so special?\nU: The broth. Eighteen hours on the stove, they said.\n…",
    "U: good morning\nA: Good morning! How can I help you today?\n…",
    "U: Remember that I'm allergic to cashews.\nA: I will keep that in mind.\n…",
    "U: I think I'll repaint the hall this summer. Maybe green.\nA: Green would go well with the oak floor.\n…",
    "U: lol that cat video\nA: Cats never disappoint!\nU: so true haha thanks for listening to my nonsense\n…",
    "U: I finally finished the marathon, 4:12!\nA: Congratulations! That's a great time.\nU: thanks!! legs are dead\n…",
    "U: My mum is called Greta and she loves tulips\nA: What a lovely detail, I'll keep it in mind.\n…",
    "U: Monday again, sigh.\nA: Hang in there! Coffee helps.\nU: third cup already :)\n…",
    "U: From now on answer in metric units.\nA: Understood, metric units from now on.\n…",
    "U: today I learned to drive a tractor\nA: How exciting! Where was that?\nU: at my uncle's in Kent\n…",
    "U: Just so you know, I changed my surname to Ibarra.\nA: Thanks for telling me, I've updated it.\n…",
    "U: I love how quiet the office is in August\nA: It must be a nice change.\nU: it is. more coffee for me, too!\n…",
]

GOING_ON: list[str] = [
    "U: Can you rebook my cancelled flight to Porto?\nA: I found seats at 18:40 and 21:05. Which one would you like?",
    "U: Can you rebook my cancelled flight to Porto?\nA: I found seats at 18:40 and 21:05. Which one would you like?\nU: The 18:40, thanks",
    "U: My router keeps dropping the connection.\nA: Restart it and update the firmware.\nU: Ok, let me try that.",
    "U: My router keeps dropping the connection.\nA: Restart it and update the firmware.\nU: Thanks, I'll try that and report back.",
    "U: My router keeps dropping the connection.\nA: Restart it and update the firmware.\nU: It's not working yet.",
    "U: The app crashes on start.\nA: Please clear the cache.\nU: Thanks, but it still crashes.",
    "U: The app crashes on start.\nA: Please clear the cache.\nU: Great, it starts now, but the photos are missing.",
    "U: Draft a cover letter for the job at the museum.\nA: Here is a first draft: Dear Ms Ortiz, …\nU: Make the second paragraph shorter please",
    "U: Please find me a flat in Ghent under 900.\nA: Shall I include places without a balcony?\nU: yes please, thank you",
    "U: I need help with my tax return.",
    "U: Could you look into the missing payment?\nA: Let me check that for you.\nU: thanks",
    "U: Book a hotel in Turin for two nights.\nA: I can book the Astoria for 120 a night. Shall I go ahead?\nU: Sounds great!",
    "U: Book a hotel in Turin for two nights.\nA: I can book the Astoria for 120 a night. Shall I go ahead?\nU: That would be perfect, thanks.",
    "U: Why is my query so slow?\nA: It scans the whole table. Add an index on created_at.\nU: How do I do that in Postgres?",
    "U: Why is my query so slow?\nA: It scans the whole table. Add an index on created_at.\nU: What would that do to inserts?\nA: They get a little slower, by a few percent.",
    "U: Fix the failing test in ci\nT: 1 failed, 210 passed\nA: I see the failing test. It depends on the time zone.\nU: I don't want to give up on it, keep going",
    "U: Thanks in advance: can you convert this file to pdf?\nA: I have converted it, here it is.",
    "U: My order is late.\nA: I'm sorry. Could you give me the order number?\nU: Sure, it's 5512, thanks",
    "U: Can you cancel my appointment on Friday?\nA: I cancelled the appointment on Friday.\nU: No, that's wrong, I meant the one at 3",
    "U: Please send the report to Marco.\nA: Sent.\nU: he hasn't received it",
    "U: Could you find a plumber for tomorrow?\nA: I found three plumbers near you: Rohr AG, Fix4U and Blau. Rohr AG is the cheapest.",
    "U: My code throws a KeyError in line 12.\nA: The key 'id' is missing in some rows. Use row.get('id').\nU: ok now I get a TypeError in line 15",
    "U: Translate this poem into French.\nA: Voici: La lune dort sur l'eau.\nU: Beautiful! Can you make the second verse rhyme as well?",
    "U: I want to change my plan.\nA: You can choose Basic, Plus or Pro. Which one do you want?\nU: What's the difference between Plus and Pro?",
    "U: The heating doesn't work.\nA: Please check the pressure on the boiler. Is it above 1 bar?\nU: one sec",
    "U: The heating doesn't work.\nA: Please check the pressure on the boiler. Is it above 1 bar?\nU: yes, 1.4",
    "U: Sort my inbox.\nT: 1200 messages read\nA: I'm working on it, 400 of 1200 messages are sorted.",
    "U: Reserve the meeting room for Monday.\nA: Room 3 is reserved for Monday 9 to 10.\nU: Sorry, I meant Tuesday.",
    "U: Update the README.\nA: I updated the install section.\nU: good. now do the same for the contributing guide",
    "U: Can you fix the typo on the homepage?\nA: Sure, let me look at it.\nU: thank you!",
    "U: Why is the dashboard empty?\nA: The date filter is set to 2019. Change it to this year.\nU: where do I find the filter?",
    "U: I can't open the PDF.\nA: Please try another viewer, for example Okular.\nU: Not working either, it says the file is damaged.\nA: Could you send it to me?\nU: Sure, here it is. Thanks for helping!",
    "U: Book me a massage on Sunday.\nA: Sunday is full. Would Monday at 11 work?\nU: Yes, Monday is perfect, thanks.",
    "U: Order a birthday cake for 12 people.\nA: Chocolate or lemon?\nU: Lemon, please. Thank you!",
    "U: Is my package on its way?\nA: It left the warehouse this morning and is in Linz now.\nU: And when will it be here?",
    "U: fix the flaky test\nA: I added a retry around the socket call.\nU: don't forget about the teardown, it also fails there",
    "U: I'd like a quote for solar panels.\nA: Gladly. How large is your roof?\nU: about 40 square meters, thanks",
    "U: Please compress the video.\nA: Compressed to 80 MB.\nU: Nice, but it's still too big. Needs to be under 50.",
    "U: Refund my ticket please.\nA: I've requested the refund from the airline and am waiting for their answer.\nU: ok, let me know when they reply. thanks",
    "U: Help me plan my garden.\nA: How much sun does it get?\nU: Mostly shade.\nA: Then hostas, ferns and hydrangeas would do well.\nU: Ooh I love hydrangeas. Which colors are there?",
    "U: How do I renew my passport?\nA: Do you live in Germany or abroad?\nU: abroad, in Chile",
    "U: My bike chain keeps slipping.\nA: Is the chain worn? Measure it with a chain gauge.\nU: I don't have a gauge. Is there another way?",
    "U: Write a short bio for my website.\nA: Ines Duarte is an illustrator from Braga ...\nU: Good start! Mention that I also teach.",
    "U: Book me on the 7am train to Lyon.\nA: The 7am is full. The 7:40 has seats. Would you like that one?\nU: ok, perfect",
    "U: I need to move 300 contacts from Outlook to Gmail.\nA: Export them as CSV first. Tell me when you have the file.\nU: done, I have it",
    "U: The oven smells of gas!\nA: Turn off the gas valve at once and open the windows. Do not use any switches.\nU: Done. What now?",
    "U: Can you restart the build?\nT: build 511 started\nA: Build 511 is running.",
    "U: Rename all files in /img to lowercase.\nA: I renamed 40 files.\nU: some are still uppercase",
    "U: My package says delivered but it's not here.\nA: I'm sorry to hear that. Have you checked with your neighbours?\nU: Not yet, I'll ask them.",
    "U: Calculate the mortgage for 300k at 3.5 percent\nA: Over how many years?\nU: 25. Thank you!",
    "U: Can you tidy up this function?\nA: Here's a shorter version with early returns.\nU: wait, this changes the behaviour when x is None",
    "U: Find me a babysitter for Friday night.\nA: I've messaged three sitters and am waiting for their replies.\nU: thanks, keep me posted",
    "U: Why is the moon red tonight?\nA: It's a lunar eclipse: the earth's shadow lets only red light through.\nU: oh wow! and how long will it last?",
    "U: Add a dark mode to the settings page.\nA: I've added a toggle. It's on the branch dark-mode.\nU: nice, but the icons are invisible in dark mode",
    "U: hello, my internet is down\nA: Hello! I'm sorry. What lights do you see on the router?\nU: only a red one",
    "U: Can you order groceries for the weekend?\nA: Sure! What would you like me to order?\nU: milk, eggs, bread and apples please, thanks",
    "U: Why did my test fail?\nA: The fixture returns None. Return the client instead.\nU: did that, now 3 of 5 pass",
    "U: Fill in the visa form for me.\nA: I've filled in your name and passport number. What is your arrival date?\nU: 12 May",
    "U: Recommend a laptop for video editing.\nA: What's your budget?\nU: around 1500. Thanks!",
    "U: My cat won't eat.\nA: How long has it been? Does she drink?\nU: since yesterday, and yes she drinks",
    "U: Add a chart to the report.\nA: I added a bar chart on page 3.\nU: Great, could you make it a line chart instead?",
    "U: I was billed for a hotel I never booked.\nA: I'm so sorry about that. I'm looking into it now.\nU: ok",
    "U: Install the new certificate on the server.\nA: I need the private key for that. Can you upload it?\nU: uploaded",
    "U: The map doesn't load.\nA: Please reload the page with Ctrl+F5.\nU: ok one moment",
    "U: Help me write a toast for my sister's wedding.\nA: How about beginning with how you two built a treehouse?\nU: Love that idea! Then something about her husband.",
    "U: book a court for tennis at 6\nA: The court at 6 is taken. There is one at 7 or 8.\nU: 7 works",
    "U: My sink is clogged.\nA: Pour baking soda and vinegar into it and wait for 30 minutes.\nU: ok waiting now",
    "U: Compare these two CVs.\nA: The first has more experience in sales, the second speaks better French.\nU: And who would you hire?",
    "U: I lost my luggage at Heathrow.\nA: I'm sorry! Which flight were you on?\nU: BA 117",
    "U: Could you check my spelling?\nA: You wrote 'recieve', it should be 'receive'.\nU: thanks, and is 'occured' right?",
    "U: Can you fix the date format in the export?\nA: Which format would you like?\nU: ISO please",
    "U: My screen is cracked.\nA: We can repair it for 120 euros. Would you like to make an appointment?\nU: how long does it take?",
    "U: Sketch a floor plan for a 40 m2 flat.\nA: Here's a first sketch with an open kitchen.\nU: nice! can the bathroom be bigger?",
    "U: The dryer is making a loud noise.\nA: Open the drum and look for coins.\nU: I found a coin but it's still loud",
    "U: Give me three headlines for the campaign.\nA: 1. Wake up lighter. 2. Mornings, mended. 3. Sleep, but better.\nU: I like the second one. Give me three more like that.",
    "U: Where's my order?\nA: Could you give me your order number, please?\nU: 99812, thank you",
    "U: I can't sign the document.\nA: Try opening it in Chrome.\nU: Same thing in Chrome.",
    "U: Cancel the 3pm and move the 4pm to 5.\nA: The 3pm is cancelled. The 4pm has five attendees; may I move it for everyone?\nU: yes",
    "U: Train a model on the new data\nA: Training has started, it will take two hours.",
    "U: Train a model on the new data\nA: Training has started, it will take two hours.\nU: ok, let me know when it's done",
    "U: My printer prints blank pages.\nA: Run a head cleaning from the maintenance menu.\nU: running it now",
    "U: Convert this table to CSV.\nA: Do you want commas or semicolons?\nU: semicolons, and quote the text columns",
    "U: Thanks, the first query works. Can you also add a filter for inactive users?\nA: Added: WHERE active = false.",
    "U: Why is my build slow since yesterday?\nA: Did the lock file change yesterday?\nU: let me look\nU: yes, it did",
    "U: Find three dog-friendly hotels in Lake Garda.\nA: 1. Hotel Sole 2. Villa Rosa 3. Albergo Lido\nU: which of them has a pool?",
    "U: car makes a grinding noise\nA: When braking or all the time?\nU: only braking",
    "U: Run the migration on the test database.\nT: applied 12 migrations\nA: All 12 migrations are applied on the test database. Shall I go on with production?",
    "U: My tomatoes have yellow leaves.\nA: Water them less and check the drainage.\nU: okay will do that this week and report",
    "U: The export button is greyed out.\nA: Do you have the editor role?\nU: where do I see that?",
    "U: Look for a violin teacher near Aachen.\nA: Anna Krings, 45 euros an hour, or Musikschule Süd, 32 euros.\nU: nice, I'll call both this afternoon and tell you",
]
