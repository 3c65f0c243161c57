#!/usr/bin/env bash
# Apache Beam's Go SDK 2.77.0 (Go 1.26), seen 2026-11-29; gofakes3 1.2.0 is the server.
# Expected: List of gs:// and s3:// expands "?" and "[0-9]", as that of local files does; the code of both compares names with the whole pattern.
# Found: what comes before the first "*" is taken for the beginning of names, whatever it holds: a glob with "[" or "?" before it matches nothing, without
# an error. s3:// takes "?" for the query of a URL, and "#" for its fragment: such objects can be listed, but not be read.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > go.mod <<'EOF'
module finding

go 1.26
EOF
cat > main.go <<'EOF'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/s3"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	defer server.Close()
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"} {
		os.Setenv(name, value)
	}
	ctx := context.Background()
	found, err := config.LoadDefaultConfig(ctx)
	check(err)
	client, bucket := s3.NewFromConfig(found), "finding"
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &bucket})
	check(err)
	for _, key := range []string{"part-0", "part-1", "odd#1"} {
		_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("content")})
		check(err)
	}
	fs, err := filesystem.New(ctx, "s3://finding/")
	check(err)
	as := true
	for glob, want := range map[string]int{"part-*": 2, "part-[0-9]": 0, "part-[0-9]*": 0, "part-?": 0, "odd*": 1} {
		files, err := fs.List(ctx, "s3://finding/"+glob)
		fmt.Printf("%-12s %d objects, error %v\n", glob, len(files), err)
		as = as && err == nil && len(files) == want
	}
	files, err := fs.List(ctx, "s3://finding/odd*")
	check(err)
	r, err := fs.OpenRead(ctx, files[0])
	fmt.Printf("%s: %.90v\n", files[0], err)
	if err == nil {
		io.Copy(io.Discard, r)
	}
	if !as || err == nil {
		fmt.Println("it behaves otherwise now")
		os.Exit(1)
	}
}
EOF
go get github.com/apache/beam/sdks/v2@v2.77.0 github.com/johannesboyne/gofakes3@v1.2.0 2> /dev/null
go mod tidy 2> /dev/null
go run .
