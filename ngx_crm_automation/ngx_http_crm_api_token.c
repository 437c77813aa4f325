/*
 * crm_api_token_file: who may call crm_api, a line each: name:token:user. Read
 * when the configuration is, and again with every reload.
 */

#include "ngx_http_crm_module.h"


#define NGX_HTTP_CRM_API_TOKEN_MIN  16
#define NGX_HTTP_CRM_API_FILE_MAX   (256 * 1024)


static char *ngx_http_crm_api_token_lines(ngx_conf_t *cf, ngx_str_t *file,
    u_char *p, u_char *last, ngx_array_t *tokens);
static char *ngx_http_crm_api_token_line(ngx_conf_t *cf, ngx_str_t *file,
    ngx_uint_t line, ngx_str_t *text, ngx_array_t *tokens);
static ngx_uint_t ngx_http_crm_api_token_visible(const ngx_str_t *s);


char *
ngx_http_crm_api_token_read(ngx_conf_t *cf, ngx_str_t *file,
    ngx_array_t **tokens)
{
    u_char           *text;
    ssize_t           n;
    ngx_fd_t          fd;
    ngx_file_info_t   fi;

    if (ngx_conf_full_name(cf->cycle, file, 1) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    *tokens = ngx_array_create(cf->pool, 4, sizeof(ngx_http_crm_api_token_t));
    text = ngx_pnalloc(cf->pool, NGX_HTTP_CRM_API_FILE_MAX + 1);

    if (*tokens == NULL || text == NULL) {
        return NGX_CONF_ERROR;
    }

    fd = ngx_open_file(file->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "crm_api_token_file: \"%V\" cannot be opened; it"
                           " holds lines name:token:user", file);
        return NGX_CONF_ERROR;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        (void) ngx_close_file(fd);
        return NGX_CONF_ERROR;
    }

    n = ngx_is_file(&fi) ? ngx_read_fd(fd, text, NGX_HTTP_CRM_API_FILE_MAX + 1)
                         : -1;
    (void) ngx_close_file(fd);

    if (n < 0 || n > NGX_HTTP_CRM_API_FILE_MAX) {
        return ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\" is no"
                   " file of at most %d bytes that can be read", file,
                   NGX_HTTP_CRM_API_FILE_MAX);
    }

    if (fi.st_mode & (S_IROTH|S_IWOTH)) {
        return ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\" may be"
                   " read or written by everybody, who could then act as any"
                   " of its users; chmod 600 it", file);
    }

    return ngx_http_crm_api_token_lines(cf, file, text, text + n, *tokens);
}


static char *
ngx_http_crm_api_token_lines(ngx_conf_t *cf, ngx_str_t *file, u_char *p,
    u_char *last, ngx_array_t *tokens)
{
    char        *rv;
    u_char      *end;
    ngx_str_t    text;
    ngx_uint_t   line;

    for (line = 1; p < last; line++, p = end + 1) {
        end = ngx_strlchr(p, last, '\n');
        end = end ? end : last;

        text.data = p;
        text.len = (size_t) (end - p);

        if (text.len && text.data[text.len - 1] == '\r') {
            text.len--;
        }

        if (text.len == 0 || text.data[0] == '#') {
            continue;
        }

        rv = ngx_http_crm_api_token_line(cf, file, line, &text, tokens);
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return tokens->nelts ? NGX_CONF_OK
           : ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\" has no"
                 " line name:token:user, so that nobody could call", file);
}


static char *
ngx_http_crm_api_token_line(ngx_conf_t *cf, ngx_str_t *file, ngx_uint_t line,
    ngx_str_t *text, ngx_array_t *tokens)
{
    u_char                    *first, *second, *last;
    ngx_uint_t                 i;
    ngx_http_crm_api_token_t   token, *t;

    last = text->data + text->len;
    first = ngx_strlchr(text->data, last, ':');
    second = first ? ngx_strlchr(first + 1, last, ':') : NULL;

    if (second == NULL) {
        return ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\" line"
                   " %ui is not name:token:user", file, line);
    }

    token.name.data = text->data;
    token.name.len = (size_t) (first - text->data);
    token.token.data = first + 1;
    token.token.len = (size_t) (second - first - 1);
    token.user.data = second + 1;
    token.user.len = (size_t) (last - second - 1);

    if (!ngx_http_crm_api_token_visible(&token.name)
        || !ngx_http_crm_api_token_visible(&token.token)
        || !ngx_http_crm_api_token_visible(&token.user))
    {
        return ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\" line"
                   " %ui: name, token and user are visible ASCII without"
                   " blanks, none of them empty", file, line);
    }

    if (token.token.len < NGX_HTTP_CRM_API_TOKEN_MIN) {
        return ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\" line"
                   " %ui: a token has %d characters at least; make one with"
                   " \"openssl rand -hex 24\"", file, line,
                   NGX_HTTP_CRM_API_TOKEN_MIN);
    }

    t = tokens->elts;

    for (i = 0; i < tokens->nelts; i++) {
        if ((t[i].name.len == token.name.len
             && ngx_memcmp(t[i].name.data, token.name.data,
                           token.name.len) == 0)
            || (t[i].token.len == token.token.len
                && ngx_memcmp(t[i].token.data, token.token.data,
                              token.token.len) == 0))
        {
            return ngx_http_crm_conf_error(cf, "crm_api_token_file: \"%V\""
                       " line %ui: name or token stands on an earlier line,"
                       " too", file, line);
        }
    }

    t = ngx_array_push(tokens);
    if (t == NULL) {
        return NGX_CONF_ERROR;
    }

    *t = token;

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_crm_api_token_visible(const ngx_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= ' ' || s->data[i] > '~') {
            return 0;
        }
    }

    return s->len != 0;
}


/* As long for a token that is nearly right as for one that is not at all. */
ngx_http_crm_api_token_t *
ngx_http_crm_api_token_find(ngx_array_t *tokens, ngx_str_t *sent)
{
    size_t                     k;
    ngx_uint_t                 i;
    volatile unsigned          differs;
    ngx_http_crm_api_token_t  *t, *found;

    t = tokens->elts;
    found = NULL;

    for (i = 0; i < tokens->nelts; i++) {
        differs = t[i].token.len != sent->len;

        for (k = 0; k < sent->len; k++) {
            differs |= (unsigned) (sent->data[k]
                                   ^ t[i].token.data[k % t[i].token.len]);
        }

        if (!differs) {
            found = &t[i];
        }
    }

    return found;
}
