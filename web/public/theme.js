// Before the first paint: a page that flashes in the wrong colours or the wrong direction feels broken.
;(function () {
  var saved = {}
  try {
    saved = JSON.parse(localStorage.getItem("cse.preferences") || "{}").state || {}
  } catch {
    saved = {} // storage is closed or holds no JSON: the defaults then
  }
  var root = document.documentElement
  var dark = saved.theme === "dark" || (saved.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches)
  root.dataset.theme = dark ? "dark" : "light"
  if (saved.contrast === "high") root.dataset.contrast = "high"
  if (saved.updown) root.dataset.updown = saved.updown
  if (saved.density) root.dataset.density = saved.density
  if (saved.locale) root.lang = saved.locale
  if (saved.locale === "ar") root.dir = "rtl"
})()
