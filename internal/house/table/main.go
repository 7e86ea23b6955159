// Command table writes the import rule into a document, between its marks.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/perene/perene/internal/house"
)

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), house.TableBegins)
	_, after, ends := strings.Cut(rest, house.TableEnds)
	if !begins || !ends {
		return fmt.Errorf("%s has no marks for the table of rooms", path)
	}
	return os.WriteFile(path, []byte(before+house.TableBegins+"\n"+house.Table()+"\n"+house.TableEnds+after), 0o644)
}
