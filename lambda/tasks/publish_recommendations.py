"""PublishRecommendations: the best unseen items of every user, as files in S3."""

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.recommending.publication import publish
from tasks.run.payloads import DeployedEvent, PublishedRecommendations

logger = Logger(service="PublishRecommendations")
TOP_N = 20


def handler(event: DeployedEvent, _context: LambdaContext) -> PublishedRecommendations:
    """Return where the recommendations are and for how many users."""
    published = publish(event["deployment"]["model_data_url"], TOP_N)
    logger.info("recommendations published", users=published["users"], shards=published["shards"])
    return published
