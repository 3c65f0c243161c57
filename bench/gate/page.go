package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// writePage writes gate-NAME.md with the tables, and gate-NAME.csv, or gate-NAME-2.csv and so on for those behind the
// first one.
func (o options) writePage(name, title, text string, tables ...page.Table) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\nWritten by `go run ./gate -only %s` in `bench/` on %s, with Go %s on %s/%s.\n\n%s\n",
		title, name, time.Now().Format(time.DateOnly), strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH, text)
	for i, t := range tables {
		t.Labels = len(t.Columns)
		fmt.Fprintf(&b, "\n%s", t.Section())
		file := fmt.Sprintf("gate-%s.csv", name)
		if i > 0 {
			file = fmt.Sprintf("gate-%s-%d.csv", name, i+1)
		}
		if err := o.write(file, t.CSV()); err != nil {
			return err
		}
	}
	return o.write(fmt.Sprintf("gate-%s.md", name), b.Bytes())
}

func (o options) write(file string, data []byte) error {
	return page.WriteFile(filepath.Join(o.out, file), data)
}
