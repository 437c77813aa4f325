/*
 * Functions of FILE.
 */

#include "crm_deluge_run.h"

#include "base/crm_base64.h"
#include "crm_deluge_utf8.h"


static crm_status_t file_made(crm_deluge_call_t *call, crm_str_t name,
    crm_str_t type, crm_str_t bytes);
static crm_str_t file_member(const crm_deluge_map_t *map, const char *key);


crm_status_t
crm_deluge_file_read(crm_deluge_value_t *v, crm_pool_t *pool)
{
    crm_buf_t                  bytes;
    crm_deluge_file_t         *file;
    const crm_deluge_value_t  *letters;

    letters = v->type == CRM_DELUGE_MAP
              ? crm_deluge_map_get(v->u.map, CRM_STR("file.base64")) : NULL;

    if (letters == NULL || letters->type != CRM_DELUGE_TEXT) {
        return CRM_DECLINED;
    }

    crm_buf_init(&bytes, pool, 0);

    if (crm_base64_decode(&bytes, letters->u.text, CRM_BASE64) != CRM_OK) {
        return CRM_DECLINED;
    }

    file = crm_pool_calloc(pool, 1, sizeof(crm_deluge_file_t));

    if (file == NULL || crm_buf_status(&bytes) != CRM_OK) {
        return CRM_ENOMEM;
    }

    file->name = file_member(v->u.map, "file.name");
    file->type = file_member(v->u.map, "file.type");
    file->bytes = bytes.len ? crm_buf_view(&bytes) : CRM_STR("");

    v->type = CRM_DELUGE_FILE;
    v->u.file = file;

    return CRM_OK;
}


static crm_str_t
file_member(const crm_deluge_map_t *map, const char *key)
{
    const crm_deluge_value_t  *v;

    v = crm_deluge_map_get(map, crm_strz(key));

    return v && v->type == CRM_DELUGE_TEXT ? v->u.text : CRM_STR("");
}


/* text.toFile(name [, type]) */
static crm_status_t
file_new(crm_deluge_call_t *call)
{
    return file_made(call, call->args[1].u.text,
                     call->count > 2 ? call->args[2].u.text
                                     : CRM_STR("text/plain"),
                     call->args[0].u.text);
}


static crm_status_t
file_name(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_text(call->args[0].u.file->name);

    return CRM_OK;
}


static crm_status_t
file_type(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_text(call->args[0].u.file->type);

    return CRM_OK;
}


static crm_status_t
file_size(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_number((long long)
                                      call->args[0].u.file->bytes.len);
    return CRM_OK;
}


static crm_status_t
file_content(crm_deluge_call_t *call)
{
    crm_str_t  bytes;

    bytes = call->args[0].u.file->bytes;

    if (crm_deluge_utf8_valid(bytes) != bytes.len) {
        return crm_deluge_throw(call->run, call->place,
                                "the file is no text in UTF-8");
    }

    if (bytes.len > call->run->limits->text) {
        return crm_deluge_limit(call->run, call->place,
                                "a TEXT has %zu bytes at most",
                                call->run->limits->text);
    }

    *call->result = crm_deluge_text(bytes);

    return CRM_OK;
}


/* The same bytes under another name. */
static crm_status_t
file_set_name(crm_deluge_call_t *call)
{
    return file_made(call, call->args[1].u.text, call->args[0].u.file->type,
                     call->args[0].u.file->bytes);
}


static crm_status_t
file_set_type(crm_deluge_call_t *call)
{
    return file_made(call, call->args[0].u.file->name, call->args[1].u.text,
                     call->args[0].u.file->bytes);
}


static crm_status_t
file_is(crm_deluge_call_t *call)
{
    *call->result = crm_deluge_boolean(call->args[0].type == CRM_DELUGE_FILE);

    return CRM_OK;
}


const crm_deluge_builtin_t  crm_deluge_file_builtins[] = {
    { "toFile", CRM_DELUGE_ON_TEXT, 1, "tt", file_new },
    { "getFileName", CRM_DELUGE_ON_FILE, 0, "", file_name },
    { "getFileType", CRM_DELUGE_ON_FILE, 0, "", file_type },
    { "getFileSize", CRM_DELUGE_ON_FILE, 0, "", file_size },
    { "getFileContent", CRM_DELUGE_ON_FILE, 0, "", file_content },
    { "setFileName", CRM_DELUGE_ON_FILE, 1, "t", file_set_name },
    { "setFileType", CRM_DELUGE_ON_FILE, 1, "t", file_set_type },
    { "isFile", CRM_DELUGE_ON_ANY, 0, "", file_is },
    { NULL, 0, 0, NULL, NULL }
};


static crm_status_t
file_made(crm_deluge_call_t *call, crm_str_t name, crm_str_t type,
    crm_str_t bytes)
{
    crm_deluge_file_t  *file;

    file = crm_pool_calloc(call->run->pool, 1, sizeof(crm_deluge_file_t));
    if (file == NULL) {
        return crm_deluge_memory(call->run, call->place);
    }

    file->name = name;
    file->type = type;
    file->bytes = bytes;

    call->result->type = CRM_DELUGE_FILE;
    call->result->u.file = file;

    return CRM_OK;
}
