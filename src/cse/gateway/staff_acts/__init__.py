"""What staff does with a second person's consent: one entry each in one table (`table.staff_acts`)."""
