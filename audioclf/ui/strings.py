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

# Giving a recording.
RECORD = "Record {seconds:g} s"
RECORD_HINT = "Stops by itself and answers"
UPLOAD = "Choose or drop sound files\nany format, up to 10 minutes, 20 MB"
EXAMPLES = "Or try one"
MORE_EXAMPLES = "More sounds"
PRIVACY = (
    "Your sound goes to the computer that serves this page and nowhere else. It is not listened to by anybody, "
    "not used for training, and deleted within the hour."
)
OWN_RECORDING = "Your recording"

RECORDER = {
    "asking": "Allow the microphone…",
    "recording": "Recording. Press to stop",
    "left": "{seconds} s",
    "hint": "Listening to the room… press to stop early",
    "sending": "Thinking…",
    "started": "Recording.",
    "short": "That was too short to hear anything: record at least half a second.",
    "denied": "The browser does not let this page use the microphone. Allow it in the address bar or in the "
    "browser's settings and press again, or choose a file instead.",
    "missing": "No microphone was found. Plug one in and press again, or choose a file instead.",
    "busy": "The microphone is there but does not answer: another program may be using it. Close that and press "
    "again, or choose a file instead.",
    "insecure": "Browsers give the microphone only to pages that come over https, or from this computer itself "
    "(http://localhost). This one came over plain http. Choose a file instead, or open the page by a share link.",
    "unsupported": "This browser cannot record on a page. Choose a file instead.",
    "large": "“{name}” has {size} MB, and 20 MB is the most. Cut it, or save it as MP3 or M4A.",
}
"""What the recorder's script says; {words} in braces are filled in there."""

# The answer.
SURE = "Almost certainly {first}"
LIKELY = "Probably {first}"
POSSIBLE = "Maybe {first}"
UNSURE = "Not sure: could be {first} or {second}"
SEVERAL = "I heard {sounds}"
AND = " and "

GIVES = "The network gives it {probability}."
GIVES_AVERAGE = "On average over the whole recording, the network gives {label} {probability}."
RIGHT = "Of {clips} test recordings that it was about this sure of, it got {right} right."
MEANING = "What does that mean?"
MEANING_TEXT = (
    "The network knows {count} sounds and shares 100 % out among them, also when it hears none of them. "
    "A high number says that one of them fits far better than the others. It was taught with short clips from "
    "one collection, so your kitchen, your dog and your microphone are new to it."
)
CALIBRATED = (
    "The numbers were checked against recordings that it had never heard: how often it was right when it was "
    "about this sure is told beside the number."
)

NOTES = {
    "none": ("It may be none of my sounds.", "No sound that the network knows fits well."),
    "quiet": ("Very quiet.", "Go nearer to the sound or turn the microphone up, and record again."),
    "clipped": ("Too loud.", "The recording is cut off at its loudest, which changes its sound. Step back a little."),
    "short": ("Very short.", "The network listens to {seconds:g} s at a time; the rest was filled up with silence."),
}

BARS = "The five likeliest sounds"
PERCENT = "{value:.0f} %"
LESS_THAN_ONE = "< 1 %"
MORE_THAN_99 = "> 99 %"
SPECTROGRAM = "Mel spectrogram"
SPECTROGRAM_HINT = "time runs to the right, pitch upwards, and brighter is louder"
SPECTROGRAM_ALT = (
    "Mel spectrogram of the recording: {seconds} seconds from left to right, {low} to {high} from bottom to top "
    "on the mel scale, loudness as colour from 80 dB below the loudest (dark) to the loudest (bright)."
)
PLAY, PAUSE, POSITION = "Play", "Pause", "Position in the recording"
HEARD = "heard"
HEARD_HINT = "Press a stretch to hear it."
SPAN = "{label}, {start} to {end}, {probability}"
UNCLEAR = "not sure"
QUIET_SPAN = "quiet"
PROGRESS = "Listened to {done} of {total}"
PROGRESS_FILES = "Listening to recording {done} of {total}"
LISTENING = "Listening…"

SAVE_PICTURE = "Save picture"
SAVE_JSON = "Save data (JSON)"
SAVE_CSV = "Save timeline (CSV)"
SAVE_TABLE = "Save table (CSV)"
COPY_LINK = "Copy link"
COPIED = "Link copied"
NO_SUCH_SOUND = "There is no example called “{name}”. Those there are stand on the page."

INSIDE = "See inside the network"
INSIDE_MORE = "Go inside, step by step"
INSIDE_HEADING = "What each stage of the network made of it"
INSIDE_HINT = (
    "The average over all channels of each stage, {start} to {end}: the same picture, ever coarser in time and "
    "pitch, ever richer in meaning. Bright is where a stage answers."
)
STAGES = {"stem": "Stem", "stage1": "Stage 1", "stage2": "Stage 2", "stage3": "Stage 3", "stage4": "Stage 4"}
STAGE_SHAPE = "{channels} channels of {mels} × {frames}"
STAGE_ALT = "{stage}, average of {channels} channels, {mels} bands by {frames} frames."

# Several recordings.
TABLE = "{count} recordings"
TABLE_HEADINGS = ("Recording", "Sound", "Certainty", "Length")
TABLE_ANSWERED = "{good} of {count} recordings answered"
TABLE_HINT = "Press a recording to see its whole answer."
BACK_TO_TABLE = "All {count} recordings"
GONE = "This recording has been deleted meanwhile: send it again."

# Before the first answer, and when something fails.
WELCOME = "Five seconds are enough"
WELCOME_TEXT = "Record what you hear, drop in a file or press an example. It knows {count} sounds, such as these:"
FAILED = "Something went wrong here, not with your sound. Please try again."
NO_ANSWER = "No answer"
