"""Published catalysts, and where a sample stands among them."""
