"""How far a rater agrees with people, over answers with agreed levels."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from opic.lib.levels import Level
from scoring.evaluation import agreement, runner
from scoring.evaluation.runner import Case, Result, Tally
from scoring.levels.word_lists import tokens
from scoring.raters.base import get_rater

FEW = 30


class Command(BaseCommand):
    """Prints the agreement of a rater with people, its cost and its time."""

    help = "Exact, within one, QWK, bias by level, repeatability, cost and latency of a rater."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder of answers, the rater, and which of our own examples to run."""
        parser.add_argument("folder", nargs="?", type=Path, help="with answers.json and recordings")
        parser.add_argument("--rater", choices=sorted(settings.OPIC_ADAPTERS["rater"]))
        parser.add_argument("--repeat", type=int, default=1, help="runs of each answer")
        parser.add_argument("--ladder", action="store_true", help="our held-out examples")
        parser.add_argument("--attacks", action="store_true", help="orders to the grader")

    def handle(
        self,
        *,
        folder: Path | None,
        rater: str | None,
        repeat: int,
        ladder: bool,
        attacks: bool,
        **_options: Any,
    ) -> None:
        if folder is None and not (ladder or attacks):
            raise CommandError("Name a folder with answers.json, or use --ladder or --attacks.")
        self.rater = get_rater(rater)
        self.tally = Tally()
        try:
            cases = runner.cases_in(folder) if folder else []
        except runner.CaseError as exc:
            raise CommandError(str(exc)) from None
        self.stdout.write(f"Rater: {self.rater.name}")
        self._levels("Answers rated by people", cases, repeat)
        examples = runner.ladder() if ladder else []
        self._levels("Ladder of our own examples, of equal length", examples, 1)
        if examples:
            self._counting_words(examples)
        self._attacks(attacks)
        dollars = self.tally.microdollars / 1_000_000
        self.stdout.write(f"\nCalls: {self.tally.calls}, cost: {dollars:.4f} dollars")

    def _runs(self, cases: Sequence[Case], repeat: int) -> list[list[Result]]:
        rows = []
        for number, case in enumerate(cases, 1):
            rows.append([runner.run(self.rater, case, self.tally) for _ in range(repeat)])
            self.stdout.write(f"\r{number} of {len(cases)}", ending="")
        return rows

    def _levels(self, title: str, cases: Sequence[Case], repeat: int) -> None:
        self.stdout.write(f"\n{title}: {'not measured' if not cases else len(cases)}")
        if not cases:
            return
        runs = self._runs(cases, repeat)
        results = [result for row in runs for result in row]
        pairs = runner.pairs_of(results)
        self.stdout.write(f"\nWith a level: {len(pairs)} of {len(results)}")
        for error in sorted({result.error for result in results if result.error}):
            self.stdout.write(f"  without: {error}")
        if pairs:
            self._agreement(pairs)
        if repeat > 1:
            levels = [[result.level for result in row] for row in runs]
            self._share("Same level every time", agreement.repeatability(levels))
        if len(results) > 1:
            cuts = quantiles([result.seconds for result in results], n=20)
            self.stdout.write(f"Seconds an answer: p50 {cuts[9]:.1f}, p95 {cuts[18]:.1f}")

    def _agreement(self, pairs: Sequence[agreement.Pair]) -> None:
        self._share("Exact", agreement.exact(pairs))
        self._share("Within one", agreement.within_one(pairs))
        self.stdout.write(f"QWK: {agreement.qwk(pairs):.2f}")
        for level, (mean, half, count) in agreement.bias(pairs).items():
            spread = f"± {half:.2f}" if count > 1 else "(one answer)"
            self.stdout.write(f"  bias at {level.name}: {mean:+.2f} {spread}, n {count}")
        if len(pairs) < FEW:
            self.stdout.write(f"Fewer than {FEW} answers: too few to say anything firm.")

    def _counting_words(self, cases: Sequence[Case]) -> None:
        """Print what counting words gets on these: a figure that it reaches shows nothing."""
        words = [len(tokens(case.transcript)) for case in cases]
        rho = agreement.rank_correlation([case.level for case in cases], words)
        self.stdout.write(f"Counting words instead ranks them with rho {rho:.2f}")

    def _share(self, name: str, share: agreement.Share) -> None:
        low, high = 100 * share.low, 100 * share.high
        self.stdout.write(f"{name}: {100 * share.value:.0f} % ({low:.0f} to {high:.0f})")

    def _attacks(self, is_wanted: bool) -> None:
        if not is_wanted:
            self.stdout.write("\nOrders to the grader: not measured")
            return
        case = next(one for one in runner.ladder() if one.level == Level.IM1)
        honest = runner.run(self.rater, case, self.tally).level or Level.NL
        results = [row[0] for row in self._runs(list(runner.attacked(case)), 1)]
        raised = [row for row in results if row.level is not None and row.level > honest]
        held = sum(row.level is None for row in results)
        self.stdout.write(
            f"\nOrders to the grader: {len(results)}, raised the level: {len(raised)},"
            f" left to a person: {held}"
        )
        for row in raised:
            self.stdout.write(f"  raised: {row.case.name}")
