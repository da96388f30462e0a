from pathlib import Path

from engine.data.store import EmbeddingStore
from tests.command_line import Cli, cli, small

__all__ = ["cli"]


def test_what_uncertainty_tells_is_a_table_and_is_kept(cli: Cli, toy_store: EmbeddingStore) -> None:
    run = cli(*small(toy_store, "--json")).json["run"]
    words = ("evaluate", run, "--episodes", "30", "--uncertainty")
    printed = cli(*words)
    assert printed.status == 0
    for word in ("temperature", "AUROC", "risk-coverage", "mutual information"):
        assert word in printed.out
    found = cli(*words, "--json").json
    (kept,) = (Path(run) / "evaluations").glob("uncertainty-test-*-30.json")
    assert found["episodes"] == 30 and str(found["error"])[:6] in kept.read_text()
    curve = found["measures"][0]["risk_curve"]
    assert len(curve) == 100 and curve[-1] == found["error"]
    too_few = cli("evaluate", run, "--episodes", "5", "--uncertainty")
    assert too_few.status == 2 and "at least 20" in too_few.err


def test_runs_without_codes_have_none(cli: Cli, toy_store: EmbeddingStore) -> None:
    words = small(toy_store, "--set", "learner.kind=ridge", "--json")
    place = words.index("learner.latent_size=6")
    run = cli(*words[: place - 1], *words[place + 1 :]).json["run"]
    refused = cli("evaluate", run, "--uncertainty")
    assert refused.status == 2 and "no latent codes" in refused.err


def test_what_cannot_be_kept_is_printed_all_the_same(cli: Cli, toy_store: EmbeddingStore) -> None:
    run = Path(cli(*small(toy_store, "--json")).json["run"])
    (run / "evaluations").write_text("no folder")
    printed = cli("evaluate", str(run), "--episodes", "30", "--uncertainty")
    assert printed.status == 0 and "mutual information" in printed.out
    assert "could not be kept with the run" in printed.err


def test_it_compares_with_nothing(cli: Cli, toy_store: EmbeddingStore) -> None:
    run = cli(*small(toy_store, "--json")).json["run"]
    words = ("evaluate", run, "--uncertainty", "--compare", "nearest-class-mean")
    refused = cli(*words)
    assert refused.status == 2 and "leave out --compare" in refused.err
