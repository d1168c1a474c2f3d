"""`make recommend USER=42 N=10`: the deployed recommend function's answer for a user."""

from commands.ask_function import ask
from commands.console import CommandError, console, main
from commands.deployment import Deployment
from commands.options import argument_parser
from commands.recommendation_table import show_recommendations


def recommend() -> int:
    """Print the best unseen items of one user, named as in the input."""
    parser = argument_parser("recommend", __doc__)
    parser.add_argument("--user", required=True, help="as the interactions name the user")
    parser.add_argument("--n", default="10", help="how many items; 10 by default")
    arguments = parser.parse_args()
    if not arguments.user:
        raise CommandError("name a user: make recommend USER=42 N=10")
    deployment = Deployment.find(arguments.name)
    answer = ask(deployment.recommend_url, {"user": arguments.user, "n": arguments.n})
    show_recommendations([answer], "Recommendations")
    console.print(f"from the live model, {answer['model_data_url']}")
    return 0


if __name__ == "__main__":
    main(recommend)
