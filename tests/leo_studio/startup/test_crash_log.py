import os
import subprocess
import sys
from pathlib import Path

import pytest

from leo_studio.startup import crash_log

START = "import os, sys; from pathlib import Path; from leo_studio.startup import crash_log\n"


def run(path: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run code in another process that keeps a crash log."""
    code = f"{START}crash_log.start(Path(sys.argv[1]))\n{code}"
    return subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)


def logs(path: Path) -> list[Path]:
    return sorted(path.parent.glob("crash-*"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "crash.log"


@pytest.mark.parametrize(
    ("crash", "said"),
    [("os.abort()", "Aborted"), ("import faulthandler as f; f._sigsegv()", "Segmentation fault")],
)
def test_a_crash_is_shown_once_and_kept(path: Path, crash: str, said: str) -> None:
    code = f"def unlucky_function():\n    {crash}\nunlucky_function()"
    assert run(path, code).returncode != 0
    report = crash_log.previous(path)
    assert report is not None
    assert said in report and "unlucky_function" in report
    assert "LEO Studio" in report and "PySide6-Essentials" in report
    assert crash_log.previous(path) is None
    (kept,) = logs(path)
    assert kept.read_text().strip() == report.strip()
    assert len(kept.name) == len("crash-20260101-120000.log")


def test_all_threads_are_in_the_report(path: Path) -> None:
    run(
        path,
        "import threading\n"
        "inside = threading.Event()\n"
        "def sleeping_engine():\n"
        "    inside.set()\n"
        "    threading.Event().wait()\n"
        "threading.Thread(target=sleeping_engine, daemon=True).start()\n"
        "inside.wait()\n"
        "os.abort()\n",
    )
    report = crash_log.previous(path)
    assert report is not None and "sleeping_engine" in report


def test_a_clean_end_leaves_nothing(path: Path) -> None:
    assert run(path, "crash_log.finish(); crash_log.finish()").returncode == 0
    assert logs(path) == []
    assert crash_log.previous(path) is None


def test_being_killed_is_no_crash(path: Path) -> None:
    run(path, "os._exit(1)")
    assert len(logs(path)) == 1
    assert crash_log.previous(path) is None
    assert logs(path) == []


def test_another_open_window_keeps_its_log(path: Path) -> None:
    code = f"{START}crash_log.start(Path(sys.argv[1]))\nprint(flush=True)\ninput()\nos.abort()"
    with subprocess.Popen(
        [sys.executable, "-c", code, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert crash_log.previous(path) is None
        assert logs(path) == [path.with_name(f"crash-{other.pid}.log")]
        other.communicate("\n")
    report = crash_log.previous(path)
    assert report is not None and f"process {other.pid}" in report


def test_of_several_crashes_the_last_is_shown(path: Path) -> None:
    for name in ("first", "second"):
        run(path, f"def {name}():\n    os.abort()\n{name}()")
    os.utime(logs(path)[0], (1, 1))
    report = crash_log.previous(path)
    assert report is not None and report.count("Aborted") == 1
    assert crash_log.previous(path) is None


def test_a_process_with_the_number_of_one_that_crashed_sees_its_report(path: Path) -> None:
    path.parent.mkdir()
    path.with_name(f"crash-{os.getpid()}.log").write_text("then\n\nFatal Python error: earlier\n")
    report = crash_log.previous(path)
    assert report is not None and "earlier" in report


def test_where_nothing_can_be_written_the_report_goes_to_stderr(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = run(tmp_path / "file" / "crash.log", "os.abort()")
    assert "Fatal Python error: Aborted" in process.stderr
    assert crash_log.previous(tmp_path / "file" / "crash.log") is None
