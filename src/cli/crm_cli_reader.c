/*
 * One YAML document, read event by event.
 *
 * libfyaml is used by its events, not its documents: those have no limit of
 * depth, resolve aliases, and lose the place of what is empty. Events come one
 * by one, each with its mark, and we stop when we have seen enough.
 */

#include "crm_cli_reader.h"
#include "crm_cli_scalar.h"

#include <libfyaml.h>


static void errors_take(crm_cli_reader_t *r, struct fy_diag *diag, int failed,
    crm_str_t text);
static void error_place(crm_cli_reader_t *r,
    const struct fy_diag_error *error, crm_str_t text);
static const char *error_hint(const char *message);
static void event_take(crm_cli_reader_t *r, struct fy_event *event);
static void version_check(crm_cli_reader_t *r, struct fy_event *event);
static int event_skip(crm_cli_reader_t *r, enum fy_event_type type);
static void event_place(crm_cli_reader_t *r, struct fy_event *event);
static void event_decorations(crm_cli_reader_t *r, struct fy_event *event);
static void scalar_take(crm_cli_reader_t *r, struct fy_token *token);
static void key_take(crm_cli_reader_t *r, crm_str_t text, int plain);
static void value_take(crm_cli_reader_t *r, crm_str_t text, int plain);
static void collection_open(crm_cli_reader_t *r, json_t *value);
static crm_cli_node_t *value_attach(crm_cli_reader_t *r, json_t *value);
static crm_cli_node_t *node_child(const crm_cli_node_t *node, const char *key);
static void reader_error(crm_cli_reader_t *r, const char *code,
    const char *message);


void
crm_cli_reader_run(crm_cli_reader_t *r, crm_str_t text)
{
    struct fy_diag       *diag;
    struct fy_event      *event;
    struct fy_parser     *parser;
    struct fy_diag_cfg    diag_cfg;
    struct fy_parse_cfg   cfg;

    r->errors = r->findings->errors;

    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.colorize = false;

    diag = fy_diag_create(&diag_cfg);
    if (diag == NULL) {
        r->no_memory = 1;
        return;
    }

    fy_diag_set_collect_errors(diag, true);

    memset(&cfg, 0, sizeof(cfg));
    cfg.diag = diag;
    cfg.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG | FYPCF_JSON_NONE
                | FYPCF_DEFAULT_VERSION_1_2;

    parser = fy_parser_create(&cfg);

    if (parser == NULL
        || fy_parser_set_string(parser, text.data, text.len) != 0)
    {
        r->no_memory = 1;
        r->stop = 1;
    }

    while (!r->stop && (event = fy_parser_parse(parser)) != NULL) {
        event_take(r, event);
        fy_parser_event_free(parser, event);
    }

    if (!r->stop) {
        errors_take(r, diag, fy_parser_get_stream_error(parser), text);
    }

    if (parser) {
        fy_parser_destroy(parser);
    }

    fy_diag_destroy(diag);
}


static void
errors_take(crm_cli_reader_t *r, struct fy_diag *diag, int failed,
    crm_str_t text)
{
    void                  *prev;
    const char            *hint;
    struct fy_diag_error  *error;

    prev = NULL;

    while ((error = fy_diag_errors_iterate(diag, &prev)) != NULL) {
        hint = error_hint(error->msg);
        error_place(r, error, text);
        crm_cli_findings_add(r->findings, CRM_ERROR, r->file, r->at_line,
                             r->at_column, "syntax", NULL, "%s%s%s",
                             error->msg, hint ? ": " : "", hint ? hint : "");
        r->left_out = 1;
    }

    if (failed && !r->left_out) {
        reader_error(r, "syntax", "this is not YAML");
        r->left_out = 1;
    }
}


/*
 * Where the error stands. What is missing at the end is reported behind the
 * last line: it belongs to the end of that line, not to the next document.
 */

static void
error_place(crm_cli_reader_t *r, const struct fy_diag_error *error,
    crm_str_t text)
{
    size_t    i;
    unsigned  lines, columns;

    while (text.len && (text.data[text.len - 1] == '\n'
                        || text.data[text.len - 1] == '\r'))
    {
        text.len--;
    }

    lines = 1;
    columns = 1;

    for (i = 0; i < text.len; i++) {
        if (text.data[i] == '\n' || (text.data[i] == '\r'
                                     && text.data[i + 1] != '\n'))
        {
            lines++;
            columns = 0;
        }

        columns += ((unsigned char) text.data[i] & 0xc0) != 0x80;
    }

    r->at_line = error->line > 0 ? (unsigned) error->line : 1;
    r->at_column = error->column > 0 ? (unsigned) error->column : 1;

    if (r->at_line > lines) {
        r->at_line = lines;
        r->at_column = columns;
    }

    r->at_line += r->line;
}


/* The parser says what it saw; this says what people usually meant. */

static const char *
error_hint(const char *message)
{
    size_t  i;

    static const struct {
        const char  *message;
        const char  *hint;
    } hints[] = {
        { "invalid multiline plain key",
          "a \": \" is missing, or a line is indented more than the one above"
          " it, or with a tab: indent with spaces" },
        { "tab character", "indent with spaces" },
        { "plain scalar cannot start", "put the text in quotes" },
        { "invalid nested block mapping on the same line",
          "text that holds \": \" must be in quotes" },
        { "closing quote", "a quote is missing" },
        { "closing bracket", "a ] or } is missing" },
        { "wrongly indented",
          "indent what is inside the brackets more than its key" },
        { NULL, NULL }
    };

    for (i = 0; hints[i].message; i++) {
        if (strstr(message, hints[i].message)) {
            return hints[i].hint;
        }
    }

    return NULL;
}


static void
event_take(crm_cli_reader_t *r, struct fy_event *event)
{
    switch (event->type) {

    case FYET_SCALAR:
    case FYET_ALIAS:
    case FYET_MAPPING_START:
    case FYET_MAPPING_END:
    case FYET_SEQUENCE_START:
    case FYET_SEQUENCE_END:
        break;

    case FYET_DOCUMENT_START:
        version_check(r, event);
        return;

    default:
        return;
    }

    event_place(r, event);

    if (++r->nodes > CRM_CLI_MAX_NODES) {
        reader_error(r, "too_large", "the document has more than 1000000 "
                     "values: split it into several");
        r->left_out = r->stop = 1;
        return;
    }

    if (r->findings->errors - r->errors >= CRM_CLI_MAX_SYNTAX) {
        reader_error(r, "too_many", "more than 100 mistakes in this document: "
                     "mend these first");
        r->left_out = r->stop = 1;
        return;
    }

    event_decorations(r, event);

    if (event_skip(r, event->type)) {
        return;
    }

    switch (event->type) {

    case FYET_SCALAR:
        scalar_take(r, event->scalar.value);
        break;

    case FYET_MAPPING_START:
        collection_open(r, json_object());
        break;

    case FYET_SEQUENCE_START:
        collection_open(r, json_array());
        break;

    case FYET_ALIAS:
        reader_error(r, "alias", "aliases (*name) are not used in rules: "
                     "write the value out");
        r->left_out = 1;
        value_take(r, CRM_STR(""), 1);
        break;

    default:
        r->depth--;
    }
}


/*
 * Scalars are read as YAML 1.2 has them; and in 1.1 more characters end a line,
 * so that every place behind them would be wrong.
 */

static void
version_check(crm_cli_reader_t *r, struct fy_event *event)
{
    const struct fy_version  *version;

    version = fy_document_state_version(event->document_start.document_state);

    if (version == NULL || (version->major == 1 && version->minor == 2)) {
        return;
    }

    reader_error(r, "yaml_version", "rules are YAML 1.2: leave the directive "
                 "%YAML out, and write true and false for yes and no");
    r->left_out = r->stop = 1;
}


/* Passes over a value whose key was refused; 1 if this event is part of it. */

static int
event_skip(crm_cli_reader_t *r, enum fy_event_type type)
{
    if (r->skip == 0) {
        return 0;
    }

    if (type == FYET_MAPPING_START || type == FYET_SEQUENCE_START) {
        r->skip_depth++;

    } else if (type == FYET_MAPPING_END || type == FYET_SEQUENCE_END) {
        r->skip_depth--;
    }

    if (r->skip_depth == 0) {
        r->skip--;
    }

    return 1;
}


/* Where the event stands; what is empty stands where its key does. */

static void
event_place(crm_cli_reader_t *r, struct fy_event *event)
{
    unsigned               quote;
    struct fy_token       *token;
    const struct fy_mark  *mark;
    enum fy_scalar_style   style;

    token = NULL;
    quote = 0;

    if (event->type == FYET_SCALAR) {
        token = event->scalar.value;
        style = token ? fy_token_scalar_style(token) : FYSS_PLAIN;
        quote = style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;

    } else if (event->type == FYET_ALIAS) {
        token = event->alias.anchor;
        quote = 1;

    } else if (event->type == FYET_MAPPING_START) {
        token = event->mapping_start.mapping_start;

    } else if (event->type == FYET_SEQUENCE_START) {
        token = event->sequence_start.sequence_start;
    }

    mark = token ? fy_token_start_mark(token) : NULL;

    if (mark) {
        r->at_line = r->line + (unsigned) mark->line + 1;
        r->at_column = (unsigned) mark->column + 1;
        r->at_column -= quote && r->at_column > 1 ? 1 : 0;

    } else if (r->at_line == 0) {
        r->at_line = r->line + 1;
        r->at_column = 1;
    }
}


static void
event_decorations(crm_cli_reader_t *r, struct fy_event *event)
{
    struct fy_token  *tag, *anchor;

    tag = NULL;
    anchor = NULL;

    if (event->type == FYET_SCALAR) {
        tag = event->scalar.tag;
        anchor = event->scalar.anchor;

    } else if (event->type == FYET_MAPPING_START) {
        tag = event->mapping_start.tag;
        anchor = event->mapping_start.anchor;

    } else if (event->type == FYET_SEQUENCE_START) {
        tag = event->sequence_start.tag;
        anchor = event->sequence_start.anchor;
    }

    if (tag) {
        reader_error(r, "tag", "tags (!name) are not used in rules: leave it "
                     "out, and put text in quotes");
    }

    if (anchor) {
        reader_error(r, "anchor", "anchors (&name) are not used in rules: "
                     "write the value out where it is needed");
    }
}


static void
scalar_take(crm_cli_reader_t *r, struct fy_token *token)
{
    int          plain;
    size_t       len;
    crm_cli_frame_t     *frame;
    const char  *text;

    text = "";
    len = 0;
    plain = token == NULL || fy_token_scalar_style(token) == FYSS_PLAIN;

    if (token) {
        text = fy_token_get_text(token, &len);
        if (text == NULL) {
            r->no_memory = r->stop = 1;
            return;
        }
    }

    if (memchr(text, '\0', len)) {
        reader_error(r, "control_character",
                     "text must not hold the character NUL");
        r->left_out = 1;
        len = 0;
    }

    frame = r->depth ? &r->frames[r->depth - 1] : NULL;

    if (frame && json_is_object(frame->value) && frame->key == NULL) {
        key_take(r, crm_str(text, len), plain);
        return;
    }

    value_take(r, crm_str(text, len), plain);
}


static void
key_take(crm_cli_reader_t *r, crm_str_t text, int plain)
{
    crm_cli_frame_t         *frame;
    crm_cli_node_t  *first;

    frame = &r->frames[r->depth - 1];

    if (plain && crm_str_is(text, "<<")) {
        reader_error(r, "merge_key", "merge keys (<<) are not used in rules: "
                     "write the keys out");
        r->left_out = 1;
        r->skip = 1;
        return;
    }

    if (plain && text.len == 0) {
        reader_error(r, "wrong_type", "a key is missing before the colon");
        r->skip = 1;
        return;
    }

    frame->key = crm_pool_dup(r->pool, text).data;
    frame->key_line = r->at_line;
    frame->key_column = r->at_column;

    if (frame->key == NULL) {
        r->no_memory = r->stop = 1;
        return;
    }

    if (json_object_get(frame->value, frame->key) == NULL) {
        return;
    }

    first = node_child(frame->node, frame->key);

    crm_cli_findings_add(r->findings, CRM_ERROR, r->file, r->at_line,
                         r->at_column, "duplicate_key", NULL,
                         "\"%s\" stands here twice, first in line %u: leave "
                         "one", frame->key, first ? first->key_line : 0);
    frame->key = NULL;
    r->skip = 1;
}


static void
value_take(crm_cli_reader_t *r, crm_str_t text, int plain)
{
    json_t      *value;
    const char  *why;

    why = NULL;
    value = plain ? crm_cli_scalar_value(text, &why)
                  : json_stringn(text.data, text.len);

    if (value == NULL) {
        reader_error(r, "not_utf8", "the text is not made of Unicode "
                     "characters");
        r->left_out = r->stop = 1;
        return;
    }

    if (why) {
        crm_cli_findings_add(r->findings, CRM_ERROR, r->file, r->at_line,
                             r->at_column, "number", NULL,
                             "%.*s %s: write it in quotes, as text",
                             (int) (text.len > 64 ? 64 : text.len), text.data,
                             why);
    }

    (void) value_attach(r, value);
}


static void
collection_open(crm_cli_reader_t *r, json_t *value)
{
    crm_cli_frame_t         *frame;
    crm_cli_node_t  *node;

    if (value == NULL) {
        r->no_memory = r->stop = 1;
        return;
    }

    frame = r->depth ? &r->frames[r->depth - 1] : NULL;

    if (frame && json_is_object(frame->value) && frame->key == NULL) {
        json_decref(value);
        reader_error(r, "wrong_type", "a key must be text; text that begins "
                     "with { or [ must be in quotes");
        r->skip = 2;
        r->skip_depth = 1;
        return;
    }

    if (r->depth == CRM_CLI_MAX_DEPTH) {
        json_decref(value);
        reader_error(r, "too_deep", "values are nested deeper than 64 levels");
        r->left_out = r->stop = 1;
        return;
    }

    node = value_attach(r, value);
    if (node == NULL) {
        return;
    }

    frame = &r->frames[r->depth++];
    memset(frame, 0, sizeof(crm_cli_frame_t));
    frame->value = value;
    frame->node = node;
}


/*
 * Gives value to the collection that is open, or makes it the root. Takes
 * value; NULL without memory.
 */

static crm_cli_node_t *
value_attach(crm_cli_reader_t *r, json_t *value)
{
    int              rc;
    crm_cli_frame_t         *frame;
    crm_cli_node_t  *node;

    node = crm_pool_calloc(r->pool, 1, sizeof(crm_cli_node_t));
    if (node == NULL) {
        json_decref(value);
        r->no_memory = r->stop = 1;
        return NULL;
    }

    node->line = r->at_line;
    node->column = r->at_column;

    if (r->depth == 0) {
        json_decref(r->value);
        r->value = value;
        r->root = node;
        return node;
    }

    frame = &r->frames[r->depth - 1];

    if (json_is_object(frame->value)) {
        node->key = frame->key;
        node->key_line = frame->key_line;
        node->key_column = frame->key_column;
        rc = json_object_set_new(frame->value, frame->key, value);
        frame->key = NULL;

    } else {
        rc = json_array_append_new(frame->value, value);
    }

    if (rc != 0) {
        r->no_memory = r->stop = 1;
        return NULL;
    }

    if (frame->node->last) {
        frame->node->last->next = node;

    } else {
        frame->node->first = node;
    }

    frame->node->last = node;

    return node;
}


static void
reader_error(crm_cli_reader_t *r, const char *code, const char *message)
{
    crm_cli_findings_add(r->findings, CRM_ERROR, r->file,
                         r->at_line ? r->at_line : r->line + 1,
                         r->at_column ? r->at_column : 1, code, NULL, "%s",
                         message);
}


static crm_cli_node_t *
node_child(const crm_cli_node_t *node, const char *key)
{
    crm_cli_node_t  *child;

    for (child = node->first; child; child = child->next) {
        if (child->key && strcmp(child->key, key) == 0) {
            return child;
        }
    }

    return NULL;
}
