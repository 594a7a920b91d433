"""What the emulated service answers, by area: handlers that get a Call and return an Answer, or raise a Refusal."""
