"""All measurements on one sample or several, set side by side."""
