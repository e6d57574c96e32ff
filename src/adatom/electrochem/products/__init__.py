"""What an electrolysis made: amounts, Faradaic efficiencies, partial currents, yields, turnover."""
