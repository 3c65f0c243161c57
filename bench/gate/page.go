package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// table is a table of a page; its cells are also a CSV file.
type table struct {
	title, text string
	columns     []string
	rows        [][]string
}

func (t *table) add(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.rows = append(t.rows, row)
}

func (t table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n| %s |\n|%s\n", t.title, t.text, strings.Join(t.columns, " | "), strings.Repeat(" --- |", len(t.columns)))
	for _, row := range t.rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	return b.String()
}

// writePage writes gate-NAME.md with the tables, and gate-NAME.csv, or gate-NAME-2.csv and so on for those behind the
// first one.
func (o options) writePage(name, title, text string, tables ...table) error {
	var page bytes.Buffer
	fmt.Fprintf(&page, "# %s\n\nWritten by `go run ./gate -only %s` in `bench/` on %s, with Go %s on %s/%s.\n\n%s\n",
		title, name, time.Now().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, text)
	for i, t := range tables {
		fmt.Fprintf(&page, "\n%s", t.markdown())
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		if err := w.WriteAll(append([][]string{t.columns}, t.rows...)); err != nil {
			return err
		}
		file := fmt.Sprintf("gate-%s.csv", name)
		if i > 0 {
			file = fmt.Sprintf("gate-%s-%d.csv", name, i+1)
		}
		if err := o.write(file, b.Bytes()); err != nil {
			return err
		}
	}
	return o.write(fmt.Sprintf("gate-%s.md", name), page.Bytes())
}

func (o options) write(file string, data []byte) error {
	path := filepath.Join(o.out, file)
	if err := os.WriteFile(path+".new", data, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
