"""Every sentence of the shell and the Listen screen, in one place, ready for translation. Knows no layout."""

TITLE = "What is that sound?"
DESCRIPTION = "Record a sound or drop in a file: a small neural network says what it is, and shows how it knows."

TABS = {
    "listen": "Listen",
    "live": "Live",
    "inside": "Inside the network",
    "lesson": "Lesson",
    "about": "About",
}
