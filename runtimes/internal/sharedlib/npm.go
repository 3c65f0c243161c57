package sharedlib

import (
	"context"
	"fmt"
	"regexp"
)

func (h *host) npmPackage(p Pin) string { return h.Npm + "@" + p.Version }

// npmNetwork matches the codes of connections that failed.
var npmNetwork = regexp.MustCompile(`\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b`)

// fetchWithNpm downloads the npm package with the user's npm. It installs nothing and runs no script of
// the package.
func (h *host) fetchWithNpm(ctx context.Context, p Pin, dir string) (string, error) {
	npm, err := h.lookPath("npm")
	if err != nil {
		return "", fmt.Errorf("npm: %w", errNoCommand)
	}
	output, err := h.run(ctx, dir, nil, npm, "pack", h.npmPackage(p), "--ignore-scripts",
		"--loglevel=error", "--no-update-notifier", "--fetch-retries=0")
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		err = commandError(err, output)
		if npmNetwork.MatchString(output) {
			err = fmt.Errorf("%w: %w", errNetwork, err)
		}
		return "", fmt.Errorf("npm: %w", err)
	}
	return downloaded(dir, p.File)
}
