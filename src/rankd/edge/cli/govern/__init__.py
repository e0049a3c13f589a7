"""The members’ commands: found, propose, debate, vote, keep the roll and the minutes."""
