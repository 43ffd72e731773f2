"""What is read in a text without a language model: terms, tokens, dates and entities."""
