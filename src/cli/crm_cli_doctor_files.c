/*
 * What doctor looks for in the files that nginx' configuration names: may its
 * workers use the socket of Redis, and is what should be secret readable by
 * those only who should.
 */

#include "crm_cli_doctor_nginx.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>


#define FILES_MAX_GROUPS  64
#define FILES_MAX_PATH    4096

typedef struct {
    const char  *name;
    uid_t        uid;
    gid_t        groups[FILES_MAX_GROUPS];
    int          n_groups;
} user_t;


static int user_find(user_t *user, const crm_cli_conf_t *conf);
static int user_may(const user_t *user, const struct stat *st, mode_t bits);
static int user_reaches(const user_t *user, const char *path,
    char blocked[FILES_MAX_PATH]);
static void check_socket(crm_cli_doctor_t *d, const crm_cli_conf_file_t *file,
    const user_t *user);
static void check_secret(crm_cli_doctor_t *d,
    const crm_cli_conf_file_t *file);
static void unknown_say(crm_cli_doctor_t *d, const char *check,
    const crm_cli_conf_file_t *file);


void
crm_cli_doctor_files(crm_cli_doctor_t *d, const crm_cli_conf_t *conf)
{
    size_t  i;
    user_t  user;

    if (user_find(&user, conf) != 0) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_WARN, "sockets", NULL,
                "there is no user %s: nobody knows what the workers may do",
                conf->user);
    } else {
        for (i = 0; i < conf->n_sockets; i++) {
            check_socket(d, &conf->sockets[i], &user);
        }
    }

    for (i = 0; i < conf->n_secrets; i++) {
        check_secret(d, &conf->secrets[i]);
    }
}


static int
user_find(user_t *user, const crm_cli_conf_t *conf)
{
    struct group   *gr;
    struct passwd  *pw;

    pw = getpwnam(conf->user);
    if (pw == NULL) {
        return -1;
    }

    user->name = conf->user;
    user->uid = pw->pw_uid;
    user->groups[0] = pw->pw_gid;

    if (conf->group) {
        gr = getgrnam(conf->group);
        if (gr) {
            user->groups[0] = gr->gr_gid;
        }
    }

    user->n_groups = FILES_MAX_GROUPS;

    if (getgrouplist(user->name, user->groups[0], user->groups,
                     &user->n_groups)
        < 0)
    {
        user->n_groups = FILES_MAX_GROUPS;
    }

    return 0;
}


/* bits: of S_IRWXO, what is wanted. */

static int
user_may(const user_t *user, const struct stat *st, mode_t bits)
{
    int  i;

    if (user->uid == 0) {
        return 1;
    }

    if (st->st_uid == user->uid) {
        return (st->st_mode & (bits << 6)) == bits << 6;
    }

    for (i = 0; i < user->n_groups; i++) {
        if (st->st_gid == user->groups[i]) {
            return (st->st_mode & (bits << 3)) == bits << 3;
        }
    }

    return (st->st_mode & bits) == bits;
}


/* May user go through every folder of path? If not, blocked is the first that
 * is closed. */

static int
user_reaches(const user_t *user, const char *path,
    char blocked[FILES_MAX_PATH])
{
    size_t       len;
    const char  *p;
    struct stat  st;

    for (p = strchr(path, '/'); p; p = strchr(p + 1, '/')) {
        len = (size_t) (p - path);
        if (len >= FILES_MAX_PATH) {
            return 1;
        }

        (void) snprintf(blocked, FILES_MAX_PATH, "%.*s", len ? (int) len : 1,
                        path);

        if (stat(blocked, &st) == 0 && !user_may(user, &st, S_IXOTH)) {
            return 0;
        }
    }

    return 1;
}


static void
check_socket(crm_cli_doctor_t *d, const crm_cli_conf_file_t *file,
    const user_t *user)
{
    char         blocked[FILES_MAX_PATH];
    struct stat  st;

    if (!user_reaches(user, file->path, blocked)) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "sockets",
                "let the nginx user into it",
                "%s, the user of nginx' workers, may not enter %s: %s is out "
                "of reach", user->name, blocked, file->path);
        return;
    }

    if (stat(file->path, &st) != 0) {
        unknown_say(d, "sockets", file);
        return;
    }

    if (!S_ISSOCK(st.st_mode)) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "sockets",
                "name the unixsocket of redis.conf", "%s of %s is no socket",
                file->path, file->directive);

    } else if (!user_may(user, &st, S_IWOTH)) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "sockets",
                "set unixsocketperm 770 in redis.conf, and put that user into "
                "the group of the socket",
                "%s, the user of nginx' workers, may not write to %s (mode "
                "%04o)", user->name, file->path,
                (unsigned) (st.st_mode & 07777));

    } else {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "sockets", NULL,
                "%s may use %s", user->name, file->path);
    }
}


static void
check_secret(crm_cli_doctor_t *d, const crm_cli_conf_file_t *file)
{
    struct stat  st;

    if (stat(file->path, &st) != 0) {
        unknown_say(d, "secrets", file);

    } else if (st.st_mode & S_IRWXO) {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_FAIL, "secrets",
                "chmod 600, or 640 with a group of its own; and make a new "
                "one, for it is known",
                "%s of %s is open to every user of this machine (mode %04o)",
                file->path, file->directive,
                (unsigned) (st.st_mode & 07777));

    } else {
        crm_cli_doctor_say(d, CRM_CLI_CHECK_OK, "secrets", NULL,
                "%s is closed to others", file->path);
    }
}


static void
unknown_say(crm_cli_doctor_t *d, const char *check,
    const crm_cli_conf_file_t *file)
{
    int  why;

    why = errno;

    crm_cli_doctor_say(d, why == EACCES ? CRM_CLI_CHECK_WARN
                                        : CRM_CLI_CHECK_FAIL,
            check, why == EACCES ? "run this as root" : NULL,
            "%s of %s cannot be looked at: %s", file->path, file->directive,
            strerror(why));
}
