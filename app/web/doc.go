// Package web is the face of Portolan in a browser: the same pages and the same
// API as the window has, over a port of this machine.
//
// What makes it delicate is its neighbourhood. Portolan's business is to put other
// web apps on other ports of 127.0.0.1, and a browser takes these for one site with
// ours. So a page proves itself with each request, by a secret that it got in
// exchange for a code in the link and keeps in its own sessionStorage. There is no
// cookie: a browser sends a cookie of 127.0.0.1 to every port of it. Before the
// secret come checks of what a browser says by itself and a page cannot forge: the
// host that it believes to speak to (DNS rebinding), the site and the origin of the
// page that asks. SECURITY.md lists the attacks, each with a test that shows it
// succeed where its protection is off.
//
// The wire: GET serves the pages. POST /session takes {"code"} and gives {"secret"}.
// POST /api/METHOD is the local API's own, with the secret as a bearer token. A
// refusal of either is a [portolan.Fault] as JSON, with status 401 where the page
// needs a new link and 403 or 421 where the request is none of its own.
package web
