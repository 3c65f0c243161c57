package report

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

const (
	longestPlainName = 64
	longestStem      = 48
)

var (
	plainName = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.-]*$`)
	// hashSuffix ends every name that is not plain, and therefore no plain one.
	hashSuffix = regexp.MustCompile(`-[0-9a-f]{8}$`)
	// reservedName is what Windows takes for a device, with any extension.
	reservedName = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)`)
	unsafeRun    = regexp.MustCompile(`[^a-z0-9_]+`)
)

// FolderName is the name of a pair's folder in a [Store]. A short name of lower-case ASCII letters,
// digits and "_.-" stays as it is, such as "lenet5-int8". Any other, such as "LeNet 5/int8", is made
// of those and ends in 8 digits of its hash, "lenet-5-int8-bdf8d0fe". The names are valid on all
// systems, and different for different pairs, also where upper and lower case are the same.
func FolderName(pair string) string {
	if plainName.MatchString(pair) && len(pair) <= longestPlainName && !strings.HasSuffix(pair, ".") &&
		!reservedName.MatchString(pair) && !hashSuffix.MatchString(pair) {
		return pair
	}
	stem := strings.Trim(unsafeRun.ReplaceAllString(strings.ToLower(pair), "-"), "-")
	if len(stem) > longestStem {
		stem = strings.TrimRight(stem[:longestStem], "-")
	}
	if stem == "" {
		stem = "pair"
	}
	sum := sha256.Sum256([]byte(pair))
	return stem + "-" + hex.EncodeToString(sum[:4])
}
