/** The version of the web app, put in by the build (vite.config.ts). */
declare const CSE_WEB_VERSION: string
