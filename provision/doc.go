// Package provision makes an account match a file, writes such a file, and makes one-time sign-in links.
//
// A file says what an account has: users, queues, labels, custom fields, secrets, flows and connections. The file
// owns what it names, in one transaction, and every change is told. Applying it again changes nothing. What it leaves out
// stays as people set it: things, fields of a thing, single settings. Null and the empty value clear. Only with `prune: true` is what the file does not name taken away.
//
// Values may be ${NAME} or ${NAME:-default}, read from the environment; $$ is a dollar sign. Secrets must be: in
// production a secret that stands in the file is refused, and an exported file holds only the names of variables.
package provision
