// Check looks at a rankd journal with Go's own transparency log packages, golang.org/x/mod/sumdb/note and tlog.
// None of rankd's code has a part in it. docs/guide/auditor.md says how to run it.
//
// tlog before 0.40.0 takes some tiles unchecked (CVE-2026-56865). So nothing here rests on what a tile says before
// TreeHash, CheckRecord or CheckTree has led it back to the signed root.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height       = 8 // a tile holds 2^8 hashes
	width        = 1 << height
	maxFileBytes = width * (2 + 65535) // an entry bundle of 256 entries, each behind its length
)

var errAbsent = errors.New("absent")

// folder is an unpacked bundle, the journal's public folder, or the address where it is published.
type folder string

func (f folder) read(path string) ([]byte, error) {
	if !strings.HasPrefix(string(f), "http://") && !strings.HasPrefix(string(f), "https://") {
		file, err := os.Open(filepath.Join(string(f), filepath.FromSlash(path)))
		if errors.Is(err, os.ErrNotExist) {
			return nil, errAbsent
		}
		if err != nil {
			return nil, err
		}
		defer file.Close()
		return io.ReadAll(io.LimitReader(file, maxFileBytes))
	}
	answer, err := http.Get(strings.TrimSuffix(string(f), "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return nil, errAbsent
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxFileBytes))
}

// tilePath is the path of C2SP tlog-tiles: Go's own has the height in it, and calls entries "data".
func tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

// readTile reads a partial tile, or the full one that took its place.
func (f folder) readTile(t tlog.Tile) ([]byte, error) {
	data, err := f.read(tilePath(t))
	if errors.Is(err, errAbsent) && t.W < width {
		t.W = width
		data, err = f.read(tilePath(t))
	}
	return data, err
}

// entries reads the entries of tile n; it holds w of them, or more.
func (f folder) entries(n int64, w int) ([][]byte, error) {
	data, err := f.readTile(tlog.Tile{H: height, L: -1, N: n, W: w})
	if err != nil {
		return nil, fmt.Errorf("entries %d: %w", n, err)
	}
	var found [][]byte
	for len(found) < w {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("entries %d: cut off", n)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		found, data = append(found, data[2:end]), data[end:]
	}
	return found, nil
}

// Height, ReadTiles and SaveTiles make a folder what tlog.TileHashReader reads from.
func (f folder) Height() int { return height }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := f.hashes(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", tilePath(t), err)
		}
		if len(data) < t.W*tlog.HashSize {
			return nil, fmt.Errorf("%s: cut off", tilePath(t))
		}
		all = append(all, data[:t.W*tlog.HashSize])
	}
	return all, nil
}

// hashes makes the hashes of leaves from the entries where these are here, and reads all others.
func (f folder) hashes(t tlog.Tile) ([]byte, error) {
	if t.L > 0 {
		return f.readTile(t)
	}
	entries, err := f.entries(t.N, t.W)
	if errors.Is(err, errAbsent) {
		return f.readTile(t)
	}
	var data []byte
	for _, entry := range entries {
		hash := tlog.RecordHash(entry)
		data = append(data, hash[:]...)
	}
	return data, err
}

// open returns the lines of a note that the log's key signed.
func open(data []byte, log note.Verifier) ([]string, error) {
	opened, err := note.Open(data, note.VerifierList(log))
	if err != nil {
		return nil, err
	}
	return strings.Split(opened.Text, "\n"), nil
}

func openCheckpoint(data []byte, log note.Verifier) (tree tlog.Tree, err error) {
	lines, err := open(data, log)
	if err != nil {
		return tree, err
	}
	if len(lines) < 4 || lines[0] != log.Name() {
		return tree, fmt.Errorf("this is no checkpoint of %s", log.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	if tree.N < 1 {
		return tree, errors.New("the tree is empty")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

// widthAt is how many of the tree's leaves tile n holds.
func widthAt(tree tlog.Tree, n int64) int {
	if tree.N-n*width < width {
		return int(tree.N - n*width)
	}
	return width
}

func checkEntry(log folder, tree tlog.Tree, index int64) ([]byte, error) {
	if index < 0 || index >= tree.N {
		return nil, fmt.Errorf("leaf %d: the tree has %d", index, tree.N)
	}
	entries, err := log.entries(index/width, widthAt(tree, index/width))
	if err != nil {
		return nil, err
	}
	entry := entries[index%width]
	proof, err := tlog.ProveRecord(tree.N, index, tlog.TileHashReader(tree, log))
	if err != nil {
		return nil, err
	}
	return entry, tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

// checkAll holds every entry that is here against the tree, and returns how many there are. To prove the first leaf of
// a tile is to prove all of it, since the proof hashes the others in and their hashes come from the entries.
func checkAll(log folder, tree tlog.Tree) (count int64, err error) {
	for first := int64(0); first < tree.N; first += width {
		_, err := checkEntry(log, tree, first)
		if errors.Is(err, errAbsent) {
			continue // a bundle of a range has the entries of that range
		}
		if err != nil {
			return count, fmt.Errorf("leaves from %d on: %w", first, err)
		}
		count += int64(widthAt(tree, first/width))
	}
	return count, nil
}

func checkOlder(log folder, tree, older tlog.Tree) error {
	if older.N > tree.N {
		return fmt.Errorf("went backwards: there were %d leaves, now there are %d", older.N, tree.N)
	}
	proof, err := tlog.ProveTree(tree.N, older.N, tlog.TileHashReader(tree, log))
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash)
}

func checkReceipt(log folder, tree tlog.Tree, data []byte, key note.Verifier) (index int64, err error) {
	lines, err := open(data, key)
	if err != nil {
		return 0, err
	}
	if len(lines) != 6 || lines[0] != "rankd.coop/receipt/1" || lines[1] != key.Name() {
		return 0, fmt.Errorf("this is no receipt of %s", key.Name())
	}
	if index, err = strconv.ParseInt(lines[2], 10, 64); err != nil {
		return 0, err
	}
	entry, err := checkEntry(log, tree, index)
	if err != nil {
		return index, err
	}
	hash := tlog.RecordHash(entry)
	if base64.StdEncoding.EncodeToString(hash[:]) != lines[3] {
		return index, fmt.Errorf("broken promise: leaf %d is another one", index)
	}
	return index, nil
}

func run() error {
	keyText := flag.String("key", "", "the log's verifier key: name+id+key")
	where := flag.String("log", ".", "an unpacked bundle, a public folder, or its http address")
	olderPath := flag.String("older", "", "a checkpoint from an earlier visit")
	receiptPath := flag.String("receipt", "", "a receipt")
	index := flag.Int64("leaf", -1, "a leaf to prove and print")
	all := flag.Bool("all", false, "hold every entry against the tree")
	flag.Parse()

	key, err := note.NewVerifier(*keyText)
	if err != nil {
		return err
	}
	log := folder(*where)
	data, err := log.read("checkpoint")
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	tree, err := openCheckpoint(data, key)
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	root, err := tlog.TreeHash(tree.N, tlog.TileHashReader(tree, log))
	if err != nil {
		return err
	}
	if root != tree.Hash {
		return errors.New("the tiles do not give the signed root")
	}
	fmt.Printf("%s: %d leaves, signed; the tiles give the root %s\n", key.Name(), tree.N, root)

	if *olderPath != "" {
		if data, err = os.ReadFile(*olderPath); err != nil {
			return err
		}
		older, err := openCheckpoint(data, key)
		if err == nil {
			err = checkOlder(log, tree, older)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", *olderPath, err)
		}
		fmt.Printf("%s: the journal went on from its %d leaves\n", *olderPath, older.N)
	}
	if *receiptPath != "" {
		if data, err = os.ReadFile(*receiptPath); err != nil {
			return err
		}
		at, err := checkReceipt(log, tree, data, key)
		if err != nil {
			return fmt.Errorf("%s: %w", *receiptPath, err)
		}
		fmt.Printf("%s: leaf %d is the one that was promised\n", *receiptPath, at)
	}
	if *index >= 0 {
		entry, err := checkEntry(log, tree, *index)
		if err != nil {
			return fmt.Errorf("leaf %d: %w", *index, err)
		}
		fmt.Printf("leaf %d is in the tree: %s\n", *index, entry)
	}
	if *all {
		count, err := checkAll(log, tree)
		if err != nil {
			return err
		}
		fmt.Printf("%d entries are those of the tree\n", count)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
