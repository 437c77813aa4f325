/*
 * What "nginx -T" prints, word by word: only names of files and a few
 * directives are looked for, wherever they stand.
 *
 * nginx has accepted the text, so it is well formed.
 */

#include "crm_cli_doctor_nginx.h"
#include "state/crm_redis_url.h"


/* No directive that is looked for has more. */
#define CONF_MAX_WORDS  16

typedef struct {
    crm_cli_conf_t  *conf;
    crm_pool_t      *pool;
    const char      *base;              /* folder of the first file */
    crm_str_t        words[CONF_MAX_WORDS];
    size_t           n_words;
    crm_status_t     status;
} reader_t;


static void reader_base(reader_t *r, crm_str_t dump);
static const char *reader_word(reader_t *r, const char *p, const char *end);
static const char *reader_quoted(reader_t *r, const char *p,
    const char *end);
static void reader_keep(reader_t *r, const char *from, const char *to);
static void reader_directive(reader_t *r);
static void reader_redis(reader_t *r);
static void reader_file(reader_t *r, crm_cli_conf_file_t *files, size_t *n,
    const char *directive, crm_str_t path);
static const char *reader_copy(reader_t *r, crm_str_t word);


crm_status_t
crm_cli_conf_read(crm_cli_conf_t *conf, crm_str_t dump, crm_pool_t *pool)
{
    reader_t     r;
    const char  *p, *end;

    memset(conf, 0, sizeof(crm_cli_conf_t));
    memset(&r, 0, sizeof(reader_t));
    conf->user = "nobody";
    r.conf = conf;
    r.pool = pool;

    reader_base(&r, dump);

    end = dump.data + dump.len;

    for (p = dump.data; p < end && r.status == CRM_OK; /* void */ ) {
        switch (*p) {

        case ' ': case '\t': case '\r': case '\n':
            p++;
            break;

        case '#':
            while (p < end && *p != '\n') {
                p++;
            }
            break;

        case ';': case '{': case '}':
            reader_directive(&r);
            r.n_words = 0;
            p++;
            break;

        default:
            p = reader_word(&r, p, end);
        }
    }

    return r.status;
}


/* "# configuration file /etc/nginx/nginx.conf:" stands first. */

static void
reader_base(reader_t *r, crm_str_t dump)
{
    size_t       len;
    const char  *from, *slash;

    static const char  head[] = "# configuration file ";

    r->base = "";
    from = strstr(dump.data, head);

    if (from == NULL) {
        return;
    }

    from += sizeof(head) - 1;
    len = strcspn(from, "\n");
    slash = NULL;

    while (len--) {
        if (from[len] == '/') {
            slash = from + len;
            break;
        }
    }

    if (slash) {
        r->base = reader_copy(r, crm_str(from, (size_t) (slash - from) + 1));
    }
}


static const char *
reader_word(reader_t *r, const char *p, const char *end)
{
    const char  *from;

    if (*p == '"' || *p == '\'') {
        return reader_quoted(r, p, end);
    }

    from = p;

    while (p < end && strchr(" \t\r\n;", *p) == NULL
           && (*p != '{' || (p > from && p[-1] == '$')))
    {
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    }

    reader_keep(r, from, p);

    return p;
}


/* An escaped quote stays escaped: no path that is looked for has one. */

static const char *
reader_quoted(reader_t *r, const char *p, const char *end)
{
    char         quote;
    const char  *from;

    quote = *p++;
    from = p;

    while (p < end && *p != quote) {
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    }

    reader_keep(r, from, p);

    return p < end ? p + 1 : p;
}


static void
reader_keep(reader_t *r, const char *from, const char *to)
{
    if (r->n_words < CONF_MAX_WORDS) {
        r->words[r->n_words++] = crm_str(from, (size_t) (to - from));
    }
}


static void
reader_directive(reader_t *r)
{
    crm_str_t        name, value;
    crm_cli_conf_t  *conf;

    if (r->n_words < 2) {
        return;
    }

    conf = r->conf;
    name = r->words[0];
    value = r->words[1];

    if (crm_str_is(name, "crm_automation")) {
        conf->guards |= !crm_str_is(value, "off");

    } else if (crm_str_is(name, "load_module")) {
        conf->loads |= strstr(reader_copy(r, value), "crm_automation")
                       != NULL;

    } else if (crm_str_is(name, "worker_shutdown_timeout")) {
        conf->ends = 1;

    } else if (crm_str_is(name, "user")) {
        conf->user = reader_copy(r, value);
        conf->group = r->n_words > 2 ? reader_copy(r, r->words[2]) : NULL;

    } else if (crm_str_is(name, "crm_redis")) {
        reader_redis(r);

    } else if (crm_str_is(name, "crm_chain_key_file")) {
        reader_file(r, conf->secrets, &conf->n_secrets, "crm_chain_key_file",
                    value);

    } else if (crm_str_is(name, "crm_api_token_file")) {
        reader_file(r, conf->secrets, &conf->n_secrets, "crm_api_token_file",
                    value);
    }
}


static void
reader_redis(reader_t *r)
{
    size_t           i;
    crm_str_t        word;
    crm_error_t      err;
    crm_redis_url_t  url;

    static const char  password[] = "password_file=";

    if (crm_redis_url_parse(&url, r->words[1], r->pool, &err) == CRM_OK
        && url.path.len)
    {
        reader_file(r, r->conf->sockets, &r->conf->n_sockets, "crm_redis",
                    url.path);
    }

    for (i = 2; i < r->n_words; i++) {
        word = r->words[i];

        if (word.len >= sizeof(password)
            && memcmp(word.data, password, sizeof(password) - 1) == 0)
        {
            word.data += sizeof(password) - 1;
            word.len -= sizeof(password) - 1;
            reader_file(r, r->conf->secrets, &r->conf->n_secrets,
                        "crm_redis", word);
        }
    }
}


/* Each file once; more than fit are not looked at. */

static void
reader_file(reader_t *r, crm_cli_conf_file_t *files, size_t *n,
    const char *directive, crm_str_t path)
{
    size_t      i;
    crm_str_t   whole;

    whole = crm_pool_printf(r->pool, "%s%.*s",
                            path.len && path.data[0] == '/' ? "" : r->base,
                            (int) path.len, path.data);
    if (whole.data == NULL) {
        r->status = CRM_ENOMEM;
        return;
    }

    for (i = 0; i < *n; i++) {
        if (strcmp(files[i].path, whole.data) == 0) {
            return;
        }
    }

    if (*n < CRM_CLI_CONF_MAX_FILES) {
        files[*n].path = whole.data;
        files[(*n)++].directive = directive;
    }
}


static const char *
reader_copy(reader_t *r, crm_str_t word)
{
    crm_str_t  copy;

    copy = crm_pool_dup(r->pool, word);

    if (copy.data == NULL) {
        r->status = CRM_ENOMEM;
        return "";
    }

    return copy.data;
}
