module github.com/perene/perene

go 1.26.8
