"""`make recommend USER=42 N=10`: the deployed recommend function's answer.

Without USER, but with HISTORY=1,2,3, for someone whom training does not know; with SIMILAR=5, the
items like that one.
"""

from argparse import ArgumentParser, Namespace

from commands.ask_function import ask, ask_similar
from commands.console import CommandError, console, main
from commands.deployment import Deployment
from commands.options import argument_parser
from commands.place import enter
from commands.recommendation_table import show_history, show_recommendations, show_similar


def recommend() -> int:
    """Print the best unseen items of one user, or the items like one, named as in the input."""
    arguments = parser().parse_args()
    question = question_of(arguments)
    enter()
    url = Deployment.find(arguments.name).recommend_url
    if arguments.similar:
        similar = ask_similar(url, question)
        show_similar(similar)
        model_data_url = similar["model_data_url"]
    else:
        answer = ask(url, {**question, "explain": True})
        if answer["history"] is not None:
            show_history(answer["history"])
        show_recommendations([answer], "Recommendations")
        model_data_url = answer["model_data_url"]
    console.print(f"from the live model, {model_data_url}")
    return 0


def parser() -> ArgumentParser:
    """Return the command's parser."""
    flags = argument_parser("recommend", __doc__)
    flags.add_argument("--user", default="", help="as the interactions name the user")
    flags.add_argument("--n", default="10", help="how many items; 10 by default")
    flags.add_argument(
        "--history", default="", help="item,item,...: the user's, newest last; by default the known"
    )
    flags.add_argument("--recent", default="", help="item,item,...: after these")
    flags.add_argument("--similar", default="", help="an item, to list those like it")
    return flags


def question_of(arguments: Namespace) -> dict[str, object]:
    """Return the question that the flags ask.

    Raises:
        CommandError: they ask for nobody.
    """
    given = {
        "user": arguments.user,
        "history": [item for item in arguments.history.split(",") if item],
        "recent": [item for item in arguments.recent.split(",") if item],
        "similar": arguments.similar,
    }
    given = {key: value for key, value in given.items() if value}
    if not given:
        raise CommandError(
            "name a user: make recommend USER=42 N=10, or give HISTORY=item,item or SIMILAR=item"
        )
    return {**given, "n": arguments.n}


if __name__ == "__main__":
    main(recommend)
