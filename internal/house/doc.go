// Package house holds the import rule, and tests of what no other package can
// see by itself: who imports whom, how long files are, and whether the files
// for one server fit the program.
package house
