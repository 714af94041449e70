"""From the text of a page to what is shown: read, check, render."""
