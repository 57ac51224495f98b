"""Ten visitors at once, each with a recording of their own, as the page's scripts would send them."""

from concurrent.futures import ThreadPoolExecutor

from gradio_client import Client, handle_file

from ..conftest import tone

VISITORS = 10


def test_nobody_fails_and_nobody_sees_anothers_answer(server, wav):
    def visit(number: int) -> str:
        # Each length is its own, and stands on the card beside the name.
        path = wav(f"visitor-{number}.wav", tone(300.0 + 50 * number, seconds=1.0 + 0.1 * number))
        client = Client(server.url, verbose=False)
        return client.predict([handle_file(path)], api_name="/listen")[0]

    with ThreadPoolExecutor(VISITORS) as pool:
        cards = list(pool.map(visit, range(VISITORS)))
    for number, card in enumerate(cards):
        assert f"visitor-{number}.wav · {1.0 + 0.1 * number:.1f} s" in card
