// What the buttons of a test do, by the name in data-do: before the clock, at a question, and in between.

export const actionsOf = (sitting) => ({
  check: () => sitting.setUp.check(),
  hear: () => sitting.setUp.hear(),
  otherWay: () => sitting.setUp.otherWay(),
  sample: () => sitting.setUp.sample(),
  begin: () => sitting.begin(),
  back: () => sitting.back(),
  play: () => sitting.item?.play(),
  again: () => sitting.item?.again(),
  replay: () => sitting.item?.replay(),
  next: () => sitting.next(),
  pause: () => sitting.pause(),
  unpause: () => sitting.unpause(),
  readjust: (button) => sitting.readjust(button),
  early: () => sitting.early(),
  report: () => sitting.report(),
});
