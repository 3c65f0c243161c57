package beam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"

	"cloud.google.com/go/storage"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/util/gcsx"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// toTheEnd is the length of what is read where that is all.
const toTheEnd = -1

// objects read pieces of what an object store holds, which Beam's file systems cannot.
type objects interface {
	// open reads from an offset on, so many bytes or all of them.
	open(ctx context.Context, bucket, name string, offset, length int64) (io.ReadCloser, error)
	size(ctx context.Context, bucket, name string) (int64, error)
}

// clients are those of object stores, made once a process.
var clients = map[string]func() (objects, error){
	"gs": sync.OnceValues(newGoogleObjects),
	"s3": sync.OnceValues(newAmazonObjects),
}

// object is the place of a file in an object store. Unlike a URL it may hold any character.
func object(file string) (bucket, name string, err error) {
	_, rest, _ := strings.Cut(file, "://")
	bucket, name, _ = strings.Cut(rest, "/")
	if bucket == "" || name == "" {
		return "", "", fmt.Errorf("expected a bucket and a name in it, found %s", file)
	}
	return bucket, name, nil
}

// openFrom reads a file from an offset on, so many bytes or all of them.
func openFrom(ctx context.Context, file string, offset, length int64) (io.ReadCloser, error) {
	r, err := unnamedFrom(ctx, file, offset, length)
	return r, about(file, err)
}

func unnamedFrom(ctx context.Context, file string, offset, length int64) (io.ReadCloser, error) {
	if isLocal(file) {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		if _, err := f.Seek(offset, io.SeekStart); err != nil {
			_ = f.Close()
			return nil, err
		}
		return limited(f, f, length), nil
	}
	if client := clients[schemeOf(file)]; client != nil {
		store, err := client()
		if err != nil {
			return nil, err
		}
		bucket, name, err := object(file)
		if err != nil {
			return nil, err
		}
		return store.open(ctx, bucket, name, offset, length)
	}
	store, release, err := fileSystem(ctx, file)
	if err != nil {
		return nil, err
	}
	r, err := store.OpenRead(ctx, file)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	closing := closers{r, closerFunc(release)}
	if _, err := io.CopyN(io.Discard, r, offset); err != nil {
		return nil, errors.Join(err, closing.Close())
	}
	return limited(r, closing, length), nil
}

func limited(r io.Reader, c io.Closer, length int64) io.ReadCloser {
	if length != toTheEnd {
		r = io.LimitReader(r, length)
	}
	return struct {
		io.Reader
		io.Closer
	}{r, c}
}

type closerFunc func() error

// Close implements [io.Closer].
func (c closerFunc) Close() error { return c() }

type closers []io.Closer

// Close implements [io.Closer].
func (c closers) Close() error {
	var errs []error
	for _, x := range c {
		errs = append(errs, x.Close())
	}
	return errors.Join(errs...)
}

// blob is the content of a file, read piecewise and from several goroutines at once.
type blob struct {
	io.ReaderAt
	io.Closer
	size int64
}

// openBlob opens a file for reading pieces of it. Those of object stores are fetched in blocks. A file of another file system is read into memory, as these know no pieces.
func openBlob(ctx context.Context, file string) (blob, error) {
	b, err := unnamedBlob(ctx, file)
	return b, about(file, err)
}

func unnamedBlob(ctx context.Context, file string) (blob, error) {
	nothing := closerFunc(func() error { return nil })
	if isLocal(file) {
		f, err := os.Open(file)
		if err != nil {
			return blob{}, err
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("expected a file, found %s", info.Mode().Type())
		}
		if err != nil {
			_ = f.Close()
			return blob{}, err
		}
		return blob{f, f, info.Size()}, nil
	}
	if client := clients[schemeOf(file)]; client != nil {
		store, err := client()
		if err != nil {
			return blob{}, err
		}
		bucket, name, err := object(file)
		if err != nil {
			return blob{}, err
		}
		size, err := store.size(ctx, bucket, name)
		if err != nil {
			return blob{}, err
		}
		return blob{&blocks{ctx: ctx, file: file, size: size, held: map[int64][]byte{}}, nothing, size}, nil
	}
	content, err := readFile(ctx, file)
	return blob{bytes.NewReader(content), nothing, int64(len(content))}, err
}

// blocks are the content of a file in an object store, of which the blocks that were read last are kept: readers of directories and footers ask for
// few bytes at a time, and each request takes as long as a million of them.
type blocks struct {
	ctx  context.Context
	file string
	size int64

	mu    sync.Mutex
	held  map[int64][]byte // by index
	order []int64          // the last one used comes last
}

const (
	blockSize  = 1 << 20
	mostBlocks = 16
)

// ReadAt implements [io.ReaderAt].
func (b *blocks) ReadAt(p []byte, offset int64) (n int, err error) {
	if offset < 0 {
		return 0, errors.New("expected an offset from 0 on")
	}
	for n < len(p) && offset < b.size {
		block, err := b.block(offset / blockSize)
		if err != nil {
			return n, err
		}
		copied := copy(p[n:], block[offset%blockSize:])
		n += copied
		offset += int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (b *blocks) block(index int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, other := range b.order {
		if other == index {
			b.order = append(append(b.order[:i:i], b.order[i+1:]...), index)
			return b.held[index], nil
		}
	}
	length := min(blockSize, b.size-index*blockSize)
	r, err := openFrom(b.ctx, b.file, index*blockSize, length)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	block := make([]byte, length)
	if _, err := io.ReadFull(r, block); err != nil {
		return nil, about(b.file, err)
	}
	if b.order = append(b.order, index); len(b.order) > mostBlocks {
		delete(b.held, b.order[0])
		b.order = b.order[1:]
	}
	b.held[index] = block
	return block, nil
}

// googleObjects are those of Google Cloud Storage.
type googleObjects struct{ *storage.Client }

func newGoogleObjects() (objects, error) {
	c, err := gcsx.NewClient(context.Background(), storage.ScopeReadOnly)
	if err != nil { // as Beam's file system has it, for what everybody may read
		c, err = gcsx.NewUnauthenticatedClient(context.Background())
	}
	return googleObjects{c}, err
}

func (g googleObjects) open(ctx context.Context, bucket, name string, offset, length int64) (io.ReadCloser, error) {
	r, err := g.Bucket(bucket).Object(name).ReadCompressed(true).NewRangeReader(ctx, offset, length)
	return r, missingObject(err)
}

func (g googleObjects) size(ctx context.Context, bucket, name string) (int64, error) {
	a, err := g.Bucket(bucket).Object(name).Attrs(ctx)
	if err != nil {
		return 0, missingObject(err)
	}
	return a.Size, nil
}

// amazonObjects are those of S3.
type amazonObjects struct{ *s3.Client }

func newAmazonObjects() (objects, error) {
	c, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		return nil, err
	}
	return amazonObjects{s3.NewFromConfig(c, func(o *s3.Options) { // a line for each object that a server has no checksum of
		o.DisableLogOutputChecksumValidationSkipped = true
	})}, nil
}

func (a amazonObjects) open(ctx context.Context, bucket, name string, offset, length int64) (io.ReadCloser, error) {
	if length == 0 {
		return io.NopCloser(bytes.NewReader(nil)), nil
	}
	in := &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(name)}
	switch {
	case length != toTheEnd:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	out, err := a.GetObject(ctx, in)
	if err != nil {
		return nil, missingObject(err)
	}
	return out.Body, nil
}

func (a amazonObjects) size(ctx context.Context, bucket, name string) (int64, error) {
	out, err := a.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String(name)})
	if err != nil {
		return 0, missingObject(err)
	}
	return aws.ToInt64(out.ContentLength), nil
}

// missingObject is the error that object stores have in their own words for a file that is not there, as [fs.ErrNotExist].
func missingObject(err error) error {
	var noKey *types.NoSuchKey
	var notFound *types.NotFound
	if errors.Is(err, storage.ErrObjectNotExist) || errors.As(err, &noKey) || errors.As(err, &notFound) {
		return fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return err
}
