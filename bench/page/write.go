package page

import (
	"os"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/report"
)

// WriteFile writes or replaces a file, all at once, and makes its folder where there is none.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return report.WriteFile(path, data)
}
