"""`make recommend USER=42 N=10`: what the deployed recommend function answers for a user."""

from commands import options
from commands.ask_function import ask
from commands.console import CommandError, console, main
from commands.deployment import Deployment
from commands.endpoint_recommendations import Recommendation
from commands.metric_tables import recommendation_table


def recommend() -> int:
    """Print the best unseen items of one user, named as in the input."""
    parser = options.parser("recommend", __doc__)
    parser.add_argument("--user", required=True, help="as the interactions name it")
    parser.add_argument("--n", default="10", help="how many items")
    arguments = parser.parse_args()
    if not arguments.user:
        raise CommandError("say for whom: make recommend USER=42 N=10")
    deployment = Deployment.find(arguments.name)
    answer = ask(deployment.recommend_url, {"user": arguments.user, "n": arguments.n})
    found = [Recommendation(one["item"], one["score"]) for one in answer["recommendations"]]
    console.print(recommendation_table({arguments.user: found}, "Recommendations"))
    console.print(f"of the live model, {answer['model_data_url']}")
    if answer["fallback"]:
        console.print("Training does not know this user: this is what the average user would like.")
    return 0


if __name__ == "__main__":
    main(recommend)
