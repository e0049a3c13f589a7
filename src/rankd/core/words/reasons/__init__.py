"""Every reason for a refusal, by subject, in French and in English."""
