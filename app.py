"""The page, served: laptop, share link, Hugging Face Space.

python app.py [--host 127.0.0.1] [--port 7860] [--share]
"""

import argparse
import os
import sys
from typing import Any

# Read by gradio when it is imported: nothing is reported to anybody.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

SHARED = (
    "Anybody who has the public link below can use the page as long as this program runs, a week at most. "
    "What they record comes to this computer by way of gradio.live."
)


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="app.py", description="Serve the page.")
    parser.add_argument("--host", help="address to listen on (default: GRADIO_SERVER_NAME, or 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: GRADIO_SERVER_PORT, or 7860)")
    parser.add_argument("--share", action="store_true", help="also open a public link, good for a week")
    return parser.parse_args(argv)


def serve(classifier: Any, args: argparse.Namespace, **settings: Any) -> Any:
    """Build the page and launch it.

    Args:
        classifier: What answers.
        args: Of the command line.
        settings: Added to what `Blocks.launch` is given.

    Returns:
        What `Blocks.launch` returns.
    """
    from audioclf.serving.beside import beside
    from audioclf.ui.page import build_page, launch_settings

    page = build_page(classifier)
    return page.launch(
        server_name=args.host,
        server_port=args.port,
        # None, not False: GRADIO_SHARE may still say so.
        share=args.share or None,
        **launch_settings(),
        **beside(page, classifier),
        **settings,
    )


def main(argv: list[str] | None = None) -> int:
    args = arguments(argv)
    from audioclf.errors import CheckpointError
    from audioclf.serving.zero_gpu import load_classifier

    try:
        classifier = load_classifier()
    except CheckpointError as error:
        print(f"The page can't start. {error}", file=sys.stderr)
        print("Set AUDIOCLF_WEIGHTS to a folder of weights, or train some: python train.py fit", file=sys.stderr)
        return 1
    if args.share:
        print(SHARED)
    serve(classifier, args)
    return 0


if __name__ == "__main__":
    sys.exit(main())
