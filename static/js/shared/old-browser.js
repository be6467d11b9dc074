// Says which browser is needed where modules with an import map do not run: then no other script of ours does, and
// Record would stay disabled without a word. A plain script, in words that such a browser still reads.
if (!(HTMLScriptElement.supports && HTMLScriptElement.supports("importmap")))
  document.getElementById("old-browser").hidden = false;
