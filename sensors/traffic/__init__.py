"""How road users decide: what they see, what they may, what they want. Pure geometry and laws, no engine."""
