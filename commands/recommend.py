"""`make recommend USER=42 N=10`: what the live endpoint recommends to a user."""

from commands import options
from commands.console import CommandError, console, main
from commands.deployment import Deployment
from commands.endpoint import fetch_encoder
from commands.evaluation import recommendation_table
from commands.recommendations import recommend as best_items


def recommend() -> int:
    """Print the best unseen items of one user, named as in the input."""
    parser = options.parser("recommend", __doc__)
    parser.add_argument("--user", required=True, help="as the interactions name it")
    parser.add_argument("--n", default=10, type=int, help="how many items")
    arguments = parser.parse_args()
    if not arguments.user or arguments.n < 1:
        raise CommandError("say for whom and how many: make recommend USER=42 N=10")
    deployment = Deployment.find(arguments.name)
    encoder = fetch_encoder(deployment.live_model())
    found = {arguments.user: best_items(deployment.name, encoder, arguments.user, arguments.n)}
    console.print(recommendation_table(found))
    return 0


if __name__ == "__main__":
    main(recommend)
