"""Follows the shop's feed by the page's module and prints each batch: with_gql.py FOLDER URL TOKEN CURSOR."""

import asyncio
import json
import sys


def main() -> None:
    """Until it is killed."""
    folder, url, token, cursor = sys.argv[1:]
    sys.path.insert(0, folder)
    follow = __import__("follow").follow
    asyncio.run(follow(url, token, "shop", cursor, lambda batch: print(json.dumps(batch), flush=True)))  # noqa: T201


if __name__ == "__main__":
    main()
