/*
 * A YAML file taken apart into lines, and put together in canonical order.
 */

#include "crm_cli_fmt.h"
#include "base/crm_buf.h"

#include <stdlib.h>


/* A key of a document with the lines that belong to it. */
typedef struct {
    size_t  first;          /* comments above the key */
    size_t  key;
    size_t  end;
    int     order;
} block_t;

/* A document: its comment, its keys, what stands behind them. */
typedef struct {
    size_t         first;   /* lines, from behind "---" */
    size_t         end;
    size_t         head;    /* the first line that is no comment above */
    size_t         tail;    /* the first line behind the last key */
    block_t       *blocks;  /* NULL: it stays as it is */
    size_t         count;
    const json_t  *value;
    size_t         index;   /* in the file, so that sorting is stable */
} part_t;

typedef struct {
    crm_pool_t           *pool;
    crm_str_t            *lines;
    size_t                count;
    part_t               *parts;
    size_t                parts_count;
    const crm_cli_doc_t  *docs;
    size_t                docs_count;
    size_t                header;   /* where the file's own comment ends */
    int                   apart;    /* an empty line sets it apart */
    crm_error_t          *err;
} file_t;


static crm_status_t file_lines(file_t *f, crm_str_t text);
static crm_status_t file_parts(file_t *f);
static crm_status_t part_end(file_t *f, part_t *part, size_t end);
static void file_header(file_t *f);
static crm_status_t part_blocks(file_t *f, part_t *part);
static void block_begin(file_t *f, part_t *part, size_t line, size_t pending);
static int block_compare(const void *a, const void *b);
static int part_compare(const void *a, const void *b);
static void file_put(const file_t *f, crm_buf_t *out);
static void part_put(const file_t *f, const part_t *part, crm_buf_t *out);
static void lines_put(const file_t *f, size_t first, size_t end,
    crm_buf_t *out);

static int line_is_mark(crm_str_t line, const char *mark);
static int line_is_blank(crm_str_t line);
static int line_is_comment(crm_str_t line);
static crm_str_t line_key(crm_str_t line);


crm_status_t
crm_cli_fmt_yaml(crm_str_t *out, crm_str_t text, const crm_cli_doc_t *docs,
    size_t count, crm_pool_t *pool, crm_error_t *err)
{
    size_t         i;
    file_t         f;
    crm_buf_t      buf;
    crm_status_t   rc;

    memset(&f, 0, sizeof(file_t));
    f.pool = pool;
    f.docs = docs;
    f.docs_count = count;
    f.err = err;

    rc = file_lines(&f, text);
    if (rc == CRM_OK) {
        rc = file_parts(&f);
    }

    if (rc == CRM_OK && f.parts_count != count) {
        rc = crm_error_set(err, CRM_EINVAL, CRM_NO_OFFSET, "", "its documents"
                           " cannot be told apart");
    }

    for (i = 0; i < f.parts_count && rc == CRM_OK; i++) {
        rc = part_blocks(&f, &f.parts[i]);
    }

    if (rc != CRM_OK) {
        return rc;
    }

    if (f.parts_count > 1) {
        qsort(f.parts, f.parts_count, sizeof(part_t), part_compare);
    }

    crm_buf_init(&buf, pool, 0);
    file_put(&f, &buf);
    *out = crm_buf_view(&buf);

    return crm_buf_status(&buf);
}


static crm_status_t
file_lines(file_t *f, crm_str_t text)
{
    size_t      i, start, n;

    if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) {
        text.data += 3;
        text.len -= 3;
    }

    for (i = 0, n = 1; i < text.len; i++) {
        n += text.data[i] == '\n';
    }

    f->lines = crm_pool_calloc(f->pool, n, sizeof(crm_str_t));
    f->parts = crm_pool_calloc(f->pool, n, sizeof(part_t));

    if (f->lines == NULL || f->parts == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0, start = 0; i <= text.len; i++) {
        if (i < text.len && text.data[i] != '\n') {
            continue;
        }

        if (i > start || i < text.len) {
            n = i - start;
            n -= n && text.data[i - 1] == '\r';
            f->lines[f->count++] = crm_str(text.data + start, n);
        }

        start = i + 1;
    }

    return CRM_OK;
}


/* Cuts the file at its "---"; comments between documents go to the next. */
static crm_status_t
file_parts(file_t *f)
{
    size_t        i;
    part_t       *part;
    crm_status_t  rc;

    part = &f->parts[0];
    rc = CRM_OK;

    for (i = 0; i < f->count && rc == CRM_OK; i++) {
        if (line_is_mark(f->lines[i], "...")) {
            return crm_error_set(f->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "line %zu: \"...\" ends a document; begin"
                                 " the next with \"---\" alone", i + 1);
        }

        if (line_is_mark(f->lines[i], "---")) {
            if (f->lines[i].len > 3) {
                return crm_error_set(f->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                     "line %zu: something stands beside"
                                     " \"---\"; put it on a line of its own",
                                     i + 1);
            }

            rc = part_end(f, part, i);
            part = &f->parts[f->parts_count];
            part->first = i + 1;
        }
    }

    return rc == CRM_OK ? part_end(f, part, f->count) : rc;
}


/* A part without a document holds nothing but comments, if anything. */
static crm_status_t
part_end(file_t *f, part_t *part, size_t end)
{
    size_t  i;

    for (i = part->first; i < end; i++) {
        if (!line_is_blank(f->lines[i]) && !line_is_comment(f->lines[i])) {
            break;
        }
    }

    part->end = end;

    if (i < end) {
        if (f->parts_count < f->docs_count) {
            part->value = f->docs[f->parts_count].value;
        }

        part->index = f->parts_count++;
        return CRM_OK;
    }

    for (i = part->first; i < end; i++) {
        if (line_is_comment(f->lines[i])) {
            return crm_error_set(f->err, CRM_EINVAL, CRM_NO_OFFSET, "",
                                 "line %zu: a comment that belongs to no"
                                 " document", i + 1);
        }
    }

    return CRM_OK;
}


/* The comment at the top is the file's up to its last empty line; without one
 * it is if there are more documents. */
static void
file_header(file_t *f)
{
    size_t         i, text;
    const part_t  *part;

    part = &f->parts[0];
    text = 0;
    f->header = f->parts_count > 1 ? part->head : part->first;

    for (i = part->first; i < part->head; i++) {
        if (!line_is_blank(f->lines[i])) {
            text = 1;

        } else if (text) {
            f->header = i;
            f->apart = 1;
        }
    }
}


static crm_status_t
part_blocks(file_t *f, part_t *part)
{
    size_t     i, pending;
    crm_str_t  line;

    for (i = part->first; i < part->end; i++) {
        if (!line_is_blank(f->lines[i]) && !line_is_comment(f->lines[i])) {
            break;
        }
    }

    part->head = i;

    if (part->index == 0) {
        file_header(f);
    }

    part->tail = part->end;

    if (line_key(f->lines[i]).len == 0) {
        return CRM_OK;              /* in flow style: as it is */
    }

    part->blocks = crm_pool_calloc(f->pool, part->end - i + 1,
                                   sizeof(block_t));
    if (part->blocks == NULL) {
        return CRM_ENOMEM;
    }

    for (pending = i; i < part->end; i++) {
        line = f->lines[i];

        if (line_is_blank(line) || (line.len && line.data[0] == '#')) {
            continue;               /* whose it is, the next line tells */
        }

        if (line_key(line).len) {
            block_begin(f, part, i, pending);
        }

        pending = i + 1;
    }

    part->blocks[part->count - 1].end = pending;
    part->tail = pending;

    qsort(part->blocks, part->count, sizeof(block_t), block_compare);

    return CRM_OK;
}


static void
block_begin(file_t *f, part_t *part, size_t line, size_t pending)
{
    block_t  *block;

    if (part->count) {
        part->blocks[part->count - 1].end = pending;
    }

    block = &part->blocks[part->count++];
    block->first = pending;
    block->key = line;
    block->order = crm_cli_fmt_key_order(part->value,
                                         line_key(f->lines[line]));
}


static int
block_compare(const void *a, const void *b)
{
    const block_t  *x = a, *y = b;

    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }

    return x->key < y->key ? -1 : x->key > y->key;
}


static int
part_compare(const void *a, const void *b)
{
    int            rc;
    const part_t  *x = a, *y = b;

    rc = crm_cli_fmt_compare(x->value, y->value);

    return rc ? rc : x->index < y->index ? -1 : x->index > y->index;
}


static void
file_put(const file_t *f, crm_buf_t *out)
{
    size_t  i;

    for (i = 0; i < f->parts_count; i++) {
        if (f->parts[i].index == 0) {
            lines_put(f, f->parts[i].first, f->header, out);
        }
    }

    if (f->apart) {
        crm_buf_putc(out, '\n');
    }

    for (i = 0; i < f->parts_count; i++) {
        if (i) {
            crm_buf_puts(out, "---\n");
        }

        part_put(f, &f->parts[i], out);
    }
}


static void
part_put(const file_t *f, const part_t *part, crm_buf_t *out)
{
    size_t          i, first;
    const block_t  *block;

    first = part->index == 0 && f->header > part->first ? f->header
                                                         : part->first;
    lines_put(f, first, part->head, out);

    if (part->blocks == NULL) {
        lines_put(f, part->head, part->end, out);
        return;
    }

    for (i = 0; i < part->count; i++) {
        block = &part->blocks[i];

        if (i && block->first < block->key
            && line_is_blank(f->lines[block->first]))
        {
            crm_buf_putc(out, '\n');
        }

        lines_put(f, block->first, block->key, out);
        crm_buf_add(out, f->lines[block->key].data,
                    f->lines[block->key].len);
        crm_buf_putc(out, '\n');

        for (first = block->key + 1; first < block->end; first++) {
            crm_buf_add(out, f->lines[first].data, f->lines[first].len);
            crm_buf_putc(out, '\n');
        }
    }

    lines_put(f, part->tail, part->end, out);
}


/* Without the empty lines around them. */
static void
lines_put(const file_t *f, size_t first, size_t end, crm_buf_t *out)
{
    while (first < end && line_is_blank(f->lines[first])) {
        first++;
    }

    while (end > first && line_is_blank(f->lines[end - 1])) {
        end--;
    }

    for ( /* void */ ; first < end; first++) {
        crm_buf_add(out, f->lines[first].data, f->lines[first].len);
        crm_buf_putc(out, '\n');
    }
}


static int
line_is_mark(crm_str_t line, const char *mark)
{
    return line.len >= 3 && memcmp(line.data, mark, 3) == 0
           && (line.len == 3 || line.data[3] == ' ' || line.data[3] == '\t');
}


static int
line_is_blank(crm_str_t line)
{
    size_t  i;

    for (i = 0; i < line.len; i++) {
        if (line.data[i] != ' ' && line.data[i] != '\t') {
            return 0;
        }
    }

    return 1;
}


static int
line_is_comment(crm_str_t line)
{
    size_t  i;

    for (i = 0; i < line.len && line.data[i] == ' '; i++) { /* void */ }

    return i < line.len && line.data[i] == '#';
}


/* The plain key that begins a line at its margin, or nothing. */
static crm_str_t
line_key(crm_str_t line)
{
    size_t  i;

    for (i = 0; i < line.len; i++) {
        if (!((line.data[i] >= 'a' && line.data[i] <= 'z')
              || (line.data[i] >= 'A' && line.data[i] <= 'Z')
              || (line.data[i] >= '0' && line.data[i] <= '9')
              || line.data[i] == '_'))
        {
            break;
        }
    }

    return i && i < line.len && line.data[i] == ':'
           && (i + 1 == line.len || line.data[i + 1] == ' ')
           ? crm_str(line.data, i) : CRM_STR_NULL;
}
