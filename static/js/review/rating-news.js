// What a screen reader says of an answer that is being heard: each stage once. The panel is swapped at every look, so it
// cannot be the live region itself: that would read the whole transcript again and again. And "Again" leads back to the
// recorder, which is another element's.

const region = document.createElement("p");
region.className = "visually-hidden";
region.setAttribute("role", "status");
document.body.append(region);

let last = document.getElementById("response-rating")?.dataset.news;

function tell() {
  const news = document.getElementById("response-rating")?.dataset.news;
  if (!news || news === last) return;
  last = news;
  region.textContent = news;
}

function answerAgain({ target }) {
  if (!target.closest?.("[data-part=answer-again]")) return;
  const recorder = document.querySelector("opic-recorder");
  const button = [...(recorder?.querySelectorAll("button") ?? [])].find(
    (one) => !one.hidden && !one.disabled && one.offsetParent,
  );
  recorder?.scrollIntoView({ block: "nearest" });
  button?.focus();
}

document.addEventListener("htmx:afterSettle", tell);
document.addEventListener("click", answerAgain);
