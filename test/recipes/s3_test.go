package recipes

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"fluent-bit-confluence/internal/schema"
	"fluent-bit-confluence/test/rig"
	"fluent-bit-confluence/test/rig/rigtest"
)

var ocsf = schema.Format{Schema: "ocsf"}

var objectKey = regexp.MustCompile(`ext/(confluence|jira|organization)/1\.0/region=eu-west-1/accountId=123456789012/eventDay=\d{8}/\d{6}-\w+\.json\.gz$`)

// s3 receives objects as Amazon S3 does.
func (a *arrivals) s3(w http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPut || req.Host != "s3.eu-west-1.amazonaws.com" || !strings.HasPrefix(req.URL.Path, "/audit-bucket/") || !objectKey.MatchString(req.URL.Path) {
		a.mistake("%s https://%s%s is no object of the bucket", req.Method, req.Host, req.URL.Path)
	}
	if signature := req.Header.Get("Authorization"); !regexp.MustCompile(
		`^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/\d{8}/eu-west-1/s3/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$`).MatchString(signature) {
		a.mistake("signature %q", signature)
	}
	object, err := io.ReadAll(req.Body)
	if err != nil {
		a.mistake("read: %v", err)
		return
	}
	sum := md5.Sum(object)
	a.require("MD5", req.Header.Get("Content-Md5"), base64.StdEncoding.EncodeToString(sum[:]))
	a.object3(req.URL.Path, object)
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%x", sum)))
}

// object3 reads the events of an object of the bucket. Its key names the product.
func (a *arrivals) object3(key string, object []byte) {
	reader, err := gzip.NewReader(bytes.NewReader(object))
	if err == nil {
		object, err = io.ReadAll(reader)
	}
	if err != nil {
		a.mistake("unpack object: %v", err)
	}
	product := ""
	if names := objectKey.FindStringSubmatch(key); names != nil {
		product = names[1]
	}
	for line := range bytes.Lines(object) {
		a.require("product of the key", product, a.products[at(a.object(line), "metadata", "uid")])
	}
	a.lines(object, "metadata", "uid")
}

var s3Environment = map[string]string{
	"S3_BUCKET": "audit-bucket", "AWS_REGION": "eu-west-1", "AWS_ACCOUNT_ID": "123456789012", "S3_UPLOAD_TIMEOUT": "6s",
	"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}

func TestS3(t *testing.T) {
	eachForm(t, "s3", func(r *recipe) {
		got := arrivals{products: r.products()}
		env := r.cloud(got.s3)
		maps.Copy(env, s3Environment)
		r.start(env)
		got.wantAll(r.T, r.expected(ocsf))
	})
}

// The recipe works with a store that verifies signatures: versitygw, on files.
func TestS3Gateway(t *testing.T) {
	program := tool(t, "versitygw")
	eachForm(t, "s3", func(r *recipe) {
		root := r.TempDir()
		if err := os.Mkdir(filepath.Join(root, "audit-bucket"), 0o700); err != nil {
			r.Fatal(err)
		}
		_, cert, key := authorityOf().files(r.T)
		address := freeAddress(r.T)
		gateway := exec.Command(program, "--port", address, "--access", s3Environment["AWS_ACCESS_KEY_ID"], "--secret", s3Environment["AWS_SECRET_ACCESS_KEY"],
			"--region", "eu-west-1", "--cert", cert, "--key", key, "posix", "--sidecar", r.TempDir(), root)
		daemon(r.T, gateway)
		awaitListener(r.T, address)

		env := map[string]string{"S3_ENDPOINT": "https://" + address}
		maps.Copy(env, s3Environment)
		r.trust = true
		r.start(env)
		want := r.expected(ocsf)
		got := arrivals{products: r.products()}
		var known sync.Map
		err := rig.Await(rigtest.Patient(r.T), func() bool {
			_ = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
				if err != nil || entry.IsDir() || !objectKey.MatchString(filepath.ToSlash(path)) {
					return nil
				}
				if _, done := known.LoadOrStore(path, true); !done {
					if object, err := os.ReadFile(path); err == nil {
						got.object3(filepath.ToSlash(path), object)
					}
				}
				return nil
			})
			return got.complete(len(want))
		})
		if err != nil {
			r.Error(err)
		}
		got.wantAll(r.T, want)
	})
}

// freeAddress returns an address on loopback that is not in use.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// awaitListener waits until a program listens.
func awaitListener(t *testing.T, address string) {
	t.Helper()
	rigtest.Await(t, address, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}
