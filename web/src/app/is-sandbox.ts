/** Whether this exchange trades play money: the page says so (gateway/http/app_page.py). */
export const IS_SANDBOX = document.querySelector<HTMLMetaElement>('meta[name="cse-sandbox"]')?.content === "true"
