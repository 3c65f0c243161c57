package sharedlib

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// fetchArchive downloads the release archive. What is not of the pinned size is not that archive (an error
// page of a proxy, say) or not all of it: then the source is not available.
func (h *host) fetchArchive(ctx context.Context, p Pin, dir string) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	url := h.releaseBase + "/v" + p.Version + "/" + p.File
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := h.client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("get %s: expected status 200, found %s", url, response.Status)
	}
	if n := response.ContentLength; n >= 0 && n != p.Size {
		return "", fmt.Errorf("get %s: expected %d bytes, found %d (%s)", url, p.Size, n, response.Header.Get("Content-Type"))
	}
	watchdog := time.AfterFunc(h.stall, func() { cancel(fmt.Errorf("nothing came for %v", h.stall)) })
	defer watchdog.Stop()
	path := filepath.Join(dir, p.File)
	n, err := writeFile(path, io.LimitReader(&watchedReader{response.Body, watchdog, h.stall}, p.Size+1))
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		return "", fmt.Errorf("get %s: %w after %d of %d bytes", url, err, n, p.Size)
	}
	if n != p.Size {
		return "", fmt.Errorf("get %s: expected %d bytes, found %s", url, p.Size, atLeast(n, p.Size))
	}
	return path, nil
}

func atLeast(n, limit int64) string {
	if n > limit {
		return fmt.Sprintf("more than %d", limit)
	}
	return fmt.Sprint(n)
}

// watchedReader sets the watchdog back each time something comes.
type watchedReader struct {
	r        io.Reader
	watchdog *time.Timer
	patience time.Duration
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if n > 0 {
		w.watchdog.Reset(w.patience)
	}
	return n, err
}

// writeFile writes a new file and makes it durable.
func writeFile(path string, from io.Reader) (n int64, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(file, from)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return n, err
}
