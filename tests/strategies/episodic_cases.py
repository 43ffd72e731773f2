"""Conversations with and without an episode that has ended, written for the tests of the deterministic form.

`U:` is the user, `A:` the agent, `T:` a tool; `…` is a long silence at the end. What is expected: the assessment of each
episode, none where there is nothing of the kind or where it goes on.
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
]
