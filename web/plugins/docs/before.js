// Before the first paint: the colours that the person chose in the app. The texts are English, whatever the app speaks.
;(function () {
  var saved = {}
  try {
    saved = JSON.parse(localStorage.getItem("cse.preferences") || "{}").state || {}
  } catch {
    saved = {} // storage is closed or holds no JSON: the defaults then
  }
  var dark = saved.theme === "dark" || (saved.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches)
  document.documentElement.dataset.theme = dark ? "dark" : "light"
  if (saved.contrast === "high") document.documentElement.dataset.contrast = "high"
})()
