"""The notebooks run in the Studio space, as its user's role and with IAM enforced."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contract import names, s3_layout
from tests.e2e.conftest import IMAGE
from tests.e2e.deployment import Deployment, deployed
from tests.e2e.lab_app import LabApp, Notebook, pictures, results

NAME = "learned"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deployed(NAME, tmp_path_factory.mktemp("notebooks")) as made:
        yield made


@pytest.fixture(scope="module")
def app(deployment: Deployment) -> LabApp:
    """The app in service: the lab has been set up."""
    made = LabApp(deployment)
    made.start()
    return made


@pytest.fixture(scope="module")
def tour(app: LabApp) -> Notebook:
    return app.run("tour.ipynb")


@pytest.fixture(scope="module")
def lab(app: LabApp) -> Notebook:
    return app.run("lab.ipynb")


def get(url: str) -> int:
    """Return the status of a page."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_space_sets_the_lab_up(app: LabApp) -> None:
    assert "the lab is ready" in app.log()
    assert {path.name for path in app.notebooks.glob("*.ipynb")} >= {"lab.ipynb", "tour.ipynb"}


def test_it_opens_at_its_url_with_the_lab_as_a_kernel(app: LabApp) -> None:
    url = app.url().replace("/lab?", "/api/kernelspecs/factorstack?")
    assert get(url) == 200
    assert get(url.partition("?")[0]) == 403


def test_the_tour_says_what_came_out(tour: Notebook) -> None:
    came_out = results(tour)
    assert came_out["users with a list"] > 0
    assert came_out["NDCG@10 of the model"] > came_out["NDCG@10 of popularity"] > 0
    assert came_out["endpoint against published, largest difference"] < 1e-4


def test_the_lab_says_that_noise_cannot_be_learned(lab: Notebook) -> None:
    came_out = results(lab)
    sizes = {"lab: rows": 1000, "lab: users": 100, "lab: items": 50}
    assert {name: came_out[name] for name in sizes} == sizes
    assert 0.35 < came_out["lab: AUC (noise)"] < 0.65
    assert came_out["lab: rows predicted positive"] == 0
    assert came_out["lab: endpoint against artifact, largest difference"] < 1e-5


def test_the_lab_says_that_planted_labels_can(lab: Notebook) -> None:
    came_out = results(lab)
    assert came_out["planted: AUC"] <= came_out["planted: best attainable AUC"] + 0.01
    assert came_out["planted: AUC"] > came_out["planted: best attainable AUC"] - 0.05
    assert (
        came_out["ranking: NDCG@10 of the model"]
        > came_out["ranking: NDCG@10 of popularity"] + 0.05
    )


def test_the_lab_shows_its_pictures(lab: Notebook) -> None:
    assert pictures(lab) == 5


@pytest.mark.usefixtures("lab")
def test_the_lab_deletes_what_it_made(app: LabApp) -> None:
    sagemaker, prefix = app.deployment.client("sagemaker"), names.lab_prefix(NAME)
    assert sagemaker.list_training_jobs(NameContains=prefix)["TrainingJobSummaries"] == []
    assert sagemaker.list_models(NameContains=prefix)["Models"] == []
    assert sagemaker.list_endpoints(NameContains=prefix)["Endpoints"] == []


def test_a_restart_keeps_an_edited_notebook(app: LabApp) -> None:
    edited = app.notebooks / "lab.ipynb"
    edited.write_text(edited.read_text() + "\n")
    text = edited.read_text()
    app.restart()
    assert edited.read_text() == text


@pytest.mark.usefixtures("tour")
def test_a_kernel_cannot_delete_the_endpoint_of_the_deployment(app: LabApp) -> None:
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:DeleteEndpoint"):
        app.client("sagemaker").delete_endpoint(EndpointName=NAME)
    described = app.deployment.client("sagemaker").describe_endpoint(EndpointName=NAME)
    assert described["EndpointStatus"] == "InService"


def training_job(app: LabApp, name: str, **changes: Any) -> dict[str, Any]:
    """Return a request for a training job of the lab, but for the name and changes."""
    domain = app.deployment.client("sagemaker").describe_domain(DomainId=app.names["DomainId"])
    bucket = app.kernel["FACTORSTACK_BUCKET"]
    instance = app.kernel["FACTORSTACK_TRAINING_INSTANCE"]
    return {
        "TrainingJobName": name,
        "RoleArn": domain["DefaultUserSettings"]["ExecutionRole"],
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/{s3_layout.LAB}model"},
        "ResourceConfig": {"InstanceType": instance, "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **changes,
    }


def test_a_kernel_creates_jobs_of_the_labs_names_only(app: LabApp) -> None:
    kernel = app.client("sagemaker")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateTrainingJob"):
        kernel.create_training_job(**training_job(app, f"{NAME}-train-by-hand"))
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateTrainingJob"):
        kernel.create_training_job(**training_job(app, "by-hand"))


def test_a_kernel_creates_jobs_on_the_settings_instances_only(app: LabApp) -> None:
    large = {"InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    request = training_job(app, f"{names.lab_prefix(NAME)}large", ResourceConfig=large)
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreateTrainingJob"):
        app.client("sagemaker").create_training_job(**request)


def test_a_kernel_passes_no_role_but_its_own(app: LabApp) -> None:
    iam = app.deployment.client("iam")
    roles = [role["Arn"] for role in iam.list_roles()["Roles"]]
    (other,) = [role for role in roles if f"/{NAME}-studio-ExecutionRole" in role]
    request = training_job(app, f"{names.lab_prefix(NAME)}passed", RoleArn=other)
    with pytest.raises(ClientError, match="not authorized to perform: iam:PassRole"):
        app.client("sagemaker").create_training_job(**request)


def test_a_kernel_writes_no_object_of_a_run(app: LabApp) -> None:
    with pytest.raises(ClientError, match="not authorized to perform: s3:PutObject"):
        app.client("s3").put_object(
            Bucket=app.kernel["FACTORSTACK_BUCKET"], Key=f"{s3_layout.RUNS}mine", Body=b""
        )
