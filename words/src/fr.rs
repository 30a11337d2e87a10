//! French.

use super::{Letter, PageTexts, ScriptTexts, Texts};

pub(super) const TEXTS: Texts = Texts {
    language: "fr",
    name: "Français",
    direction: "ltr",
    within: |seconds| match seconds {
        60 => "dans la minute".to_owned(),
        3600 => "dans l’heure".to_owned(),
        seconds if seconds % 3600 == 0 => format!("dans les {} heures", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("dans les {} minutes", seconds / 60),
        seconds => format!("dans les {seconds} secondes"),
    },
    activation: Letter {
        subject: "{code} est votre code d’activation",
        preview: "{code} – à saisir {within}.",
        heading: "Votre code d’activation",
        lead: "Saisissez-le {within}, sur la page où vous avez créé votre compte.",
        action: "Page fermée\u{a0}? Rouvrez-la",
        other_action: None,
        caution: Some(
            "{site} ne vous demandera jamais ce code par téléphone, par e-mail ou par message. Ne le \
             partagez pas.",
        ),
        reason: "Quelqu’un, sans doute vous, crée un compte sur {site} avec l’adresse {address}.",
        doubt: "Vous n’avez rien demandé\u{a0}? Sans ce code, personne ne peut créer de compte.",
    },
    account_exists: Letter {
        subject: "Vous avez déjà un compte {site}",
        preview: "Quelqu’un a essayé de s’inscrire avec votre adresse. Rien n’a changé.",
        heading: "Vous avez déjà un compte",
        lead: "Quelqu’un a essayé de s’inscrire sur {site} avec l’adresse {address}, déjà associée à un \
               compte. Rien n’a changé\u{a0}: connectez-vous, ou réinitialisez \
               votre mot de passe.",
        action: "Me connecter",
        other_action: Some("Réinitialiser mon mot de passe"),
        caution: None,
        reason: "Vous recevez cet e-mail parce que votre compte {site} utilise cette adresse.",
        doubt: "Vous n’avez rien demandé\u{a0}?",
    },
    new_password: Letter {
        subject: "Réinitialisez votre mot de passe {site}",
        preview: "Utilisez le lien dans les 15\u{a0}minutes. Il ne fonctionne qu’une fois.",
        heading: "Réinitialisez votre mot de passe",
        lead: "Utilisez ce lien dans les 15\u{a0}minutes pour choisir un nouveau mot de passe. Il \
               ne fonctionne qu’une fois.",
        action: "Choisir un nouveau mot de passe",
        other_action: None,
        caution: Some("{site} ne vous demandera jamais ce lien. Ne transférez pas cet e-mail."),
        reason: "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe sur {site} pour l’adresse \
                 {address}.",
        doubt: "Vous n’avez rien demandé\u{a0}? Ignorez cet e-mail\u{a0}: votre mot de passe reste \
                le même.",
    },
    no_account: Letter {
        subject: "Aucun compte {site} actif pour cette adresse",
        preview: "Il n’y a pas de mot de passe à réinitialiser. Essayez une autre adresse, ou \
                  inscrivez-vous.",
        heading: "Aucun compte actif pour cette adresse",
        lead: "Nous n’avons trouvé aucun compte actif pour cette adresse. Peut-être en avez-vous \
               utilisé une autre, n’avez-vous jamais saisi le code d’activation, ou le compte \
               est-il bloqué. Essayez une autre adresse, ou inscrivez-vous.",
        action: "M’inscrire",
        other_action: None,
        caution: None,
        reason: "Quelqu’un, sans doute vous, a demandé un nouveau mot de passe sur {site} pour l’adresse \
                 {address}.",
        doubt: "Vous n’avez rien demandé\u{a0}? Ignorez cet e-mail\u{a0}: rien n’a changé.",
    },
    password_changed: Letter {
        subject: "Votre mot de passe {site} a été modifié",
        preview: "Si c’était vous, vous pouvez ignorer cet e-mail. Sinon, réinitialisez votre mot \
                  de passe tout de suite.",
        heading: "Votre mot de passe a été modifié",
        lead: "Le mot de passe du compte {address} a été modifié, et toutes les sessions ouvertes \
               ont pris fin. Si c’était vous, vous pouvez ignorer cet e-mail. Sinon, réinitialisez \
               votre mot de passe tout de suite.",
        action: "Réinitialiser mon mot de passe",
        other_action: None,
        caution: None,
        reason: "Vous recevez cet e-mail parce que votre compte {site} utilise cette adresse.",
        doubt: "Ce n’était pas vous\u{a0}? Quelqu’un d’autre connaît votre mot de passe ou peut lire \
                vos e-mails. Changez aussi le mot de passe de votre messagerie.",
    },
    account_deleted: Letter {
        subject: "Votre compte {site} a été supprimé",
        preview: "Tout ce qui était enregistré avec votre adresse a été effacé. Vous n’avez rien à \
                  faire.",
        heading: "Votre compte a été supprimé",
        lead: "Le compte {address} et tout ce qui y était enregistré ont été supprimés. Vous \
               n’avez rien à faire.",
        action: "Vous pouvez vous réinscrire à tout moment",
        other_action: None,
        caution: None,
        reason: "Vous recevez cet e-mail parce que le compte {site} utilisait cette adresse.",
        doubt: "Ce n’était pas vous\u{a0}? Si ce n’est ni vous ni {site}, quelqu’un a eu accès à votre \
                compte. Changez le mot de passe de votre messagerie, et n’utilisez plus nulle part \
                l’ancien mot de passe de ce compte.",
    },
    not_me_action: "Dites-nous que ce n’était pas vous",
    help: "Besoin d’aide\u{a0}?",
    pages: PageTexts {
        no_script: "Cette page a besoin de JavaScript, désactivé dans votre navigateur. \
                    Activez-le pour ce site, puis rechargez la page.",
        register_title: "Créez votre compte",
        register_lead: "Nous vous enverrons par e-mail un code à {length}\u{a0}chiffres. Vous devrez \
                        le saisir {within}\u{a0}: gardez votre boîte de réception ouverte.",
        email: "Adresse e-mail",
        password: "Mot de passe",
        password_hint: "Au moins {min}\u{a0}caractères. Quelques mots à la suite conviennent bien.",
        password_own: "Votre mot de passe",
        register_action: "Recevoir le code",
        active_hint: "Le code ne fonctionne qu’avec votre mot de passe.",
        no_email_hint: "Pas d’e-mail\u{a0}? Regardez dans les indésirables. Si vous avez déjà un \
                        compte, l’e-mail vous le dit.",
        activate_title: "Saisissez votre code",
        activate_from_mail: "Saisissez l’adresse e-mail et le mot de passe choisis à l’inscription, \
                             puis le code reçu par e-mail.",
        code: "Code à {length}\u{a0}chiffres",
        time_left: "Temps restant",
        activate_action: "Activer le compte",
        other_address: "Utiliser une autre adresse",
        done_title: "Votre compte est actif",
        done_lead: "Vous pouvez maintenant vous connecter avec votre e-mail et votre mot de passe.",
        late: "Cette page n’a pas pu être chargée entièrement. Vérifiez votre connexion, puis \
               rechargez-la.",
        support: "Aide",
        back_to_login: "Retour à la connexion",
        sign_in_instead: "Déjà un compte\u{a0}? Connectez-vous",
        sign_up_instead: "Pas encore de compte\u{a0}? Inscrivez-vous",
        login_title: "Connectez-vous",
        login_action: "Me connecter",
        me_title: "Votre compte",
        me_loading: "Ouverture de votre compte…",
        reload: "Réessayer",
        me_locale: "Langue de nos e-mails",
        me_locale_action: "Enregistrer la langue",
        me_password: "Changer de mot de passe",
        me_current: "Mot de passe actuel",
        me_password_action: "Changer le mot de passe",
        sign_out: "Me déconnecter",
        delete_title: "Supprimer votre compte",
        delete_lead: "Nous supprimons aussitôt votre compte et tout ce qui est enregistré avec votre \
                      adresse e-mail. Personne ne pourra le rétablir.",
        delete_devices: "Tous vos appareils sont déconnectés.",
        delete_again: "Vous pourrez vous réinscrire à tout moment avec la même adresse.",
        delete_action: "Supprimer mon compte",
        delete_keep: "Garder mon compte",
        deleted_title: "Votre compte a été supprimé",
        deleted_lead: "Nous vous avons envoyé une confirmation par e-mail. Vous n’avez rien d’autre à \
                       faire.",
        not_me_title: "Vous n’avez pas créé de compte\u{a0}?",
        not_me_lead: "Quelqu’un a saisi votre adresse e-mail pour créer un compte. Si ce n’était \
                      pas vous, annulez l’inscription ici.",
        not_me_what: "Ce qui se passera ensuite",
        not_me_stops: "L’inscription est annulée et ses codes ne fonctionnent plus.",
        not_me_waits: "Personne ne peut s’inscrire avec votre adresse pendant 24\u{a0}heures, pas \
                       même vous.",
        not_me_disables: "Si cette inscription a été activée au cours des dernières 24\u{a0}heures, son \
                          compte est bloqué. Tout autre compte reste tel quel.",
        not_me_action: "Annuler cette inscription",
        not_me_done_title: "Inscription annulée",
        not_me_done_lead: "Vous n’avez rien d’autre à faire. Personne ne peut s’inscrire avec votre \
                           adresse pendant 24\u{a0}heures. Si cette inscription a été activée, son compte est bloqué.",
        forgot_title: "Mot\u{a0}de\u{a0}passe oublié\u{a0}?",
        forgot_lead: "Nous vous enverrons par e-mail un lien pour en choisir un nouveau.",
        forgot_action: "Recevoir le lien",
        sent_title: "Consultez votre boîte de réception",
        sent_lead: "Utilisez dans les 15\u{a0}minutes le lien reçu par e-mail. Il ne fonctionne \
                    qu’une fois. S’il n’y a pas de compte pour cette adresse, l’e-mail vous le dira.",
        sent_hint: "Pas d’e-mail au bout d’une minute\u{a0}? Regardez dans les indésirables.",
        reset_title: "Choisissez un nouveau mot de passe",
        reset_lead: "Il remplace l’ancien et vous déconnecte de tous vos appareils.",
        reset_password: "Nouveau mot de passe",
        reset_action: "Enregistrer le mot de passe",
        reset_done_title: "Votre mot de passe a été modifié",
        reset_done_lead: "Connectez-vous avec le nouveau mot de passe. Tous vos appareils ont été \
                          déconnectés.",
        nothing_title: "Il n’y a pas de page ici",
        nothing_lead: "Vérifiez l’adresse. Vous cherchez peut-être l’une de ces pages\u{a0}:",
        docs_title: "Documentation de l’API",
    },
    script: ScriptTexts {
        show: "Afficher",
        hide: "Masquer",
        show_password: "Afficher le mot de passe",
        hide_password: "Masquer le mot de passe",
        working: "Un instant…",
        slow: "C’est plus long que d’habitude. Gardez cette page ouverte, s’il vous plaît.",
        sent_to: "Nous avons envoyé un e-mail à {address}. Saisissez le code qu’il contient.",
        seconds_left: "Encore {seconds} secondes",
        resend_action: "Envoyer un nouveau code",
        resend_in: "Nouveau code {when}",
        resent: "Nous vous avons envoyé un nouveau code. Utilisez l’e-mail le plus récent.",
        code_dead: "Ce code ne fonctionne plus.",
        last_code: "Plus aucun code ne peut être envoyé pour cette inscription. S’il vous en faut un \
                    autre, recommencez l’inscription.",
        sign_up_again: "Recommencer l’inscription",
        not_active_yet: "Ce compte n’est pas encore actif. Saisissez le code de l’e-mail le plus récent, \
                         ou demandez-en un nouveau.",
        password_again: "Saisissez de nouveau votre mot de passe, puis le code reçu par e-mail.",
        signing_in: "Connexion en cours…",
        signed_out: "Votre session est terminée.",
        session_over: "Votre session est terminée. Connectez-vous de nouveau.",
        error_no_cookie: "Votre navigateur n’a pas gardé la connexion. Autorisez les cookies pour ce site et \
                    ouvrez-le en https.",
        account_blocked: "Ce compte est bloqué. Pour le faire débloquer, contactez {site}.",
        login_failed: "Cet e-mail et ce mot de passe ne correspondent pas. Vérifiez-les, ou \
                       réinitialisez votre mot de passe.",
        welcome: "Votre compte est actif et votre session est ouverte.",
        locale_saved: "C’est enregistré. Nous vous écrirons dans cette langue.",
        password_saved: "Votre mot de passe a été modifié. Tous vos autres appareils ont été déconnectés.",
        current_missing: "Saisissez votre mot de passe actuel.",
        no_answer: "Le serveur n’a pas répondu. Rien n’est perdu\u{a0}: vérifiez votre connexion et \
                    réessayez.",
        no_link: "Ce lien est incomplet. Ouvrez-le de nouveau depuis l’e-mail.",
        email_missing: "Saisissez votre adresse e-mail.",
        password_missing: "Saisissez votre mot de passe.",
        new_missing: "Saisissez un nouveau mot de passe.",
        attempts_none: "Ce code est incorrect et vous n’avez plus d’essai. Demandez un nouveau code.",
        attempts_one: "Ce code est incorrect. Il vous reste un essai.",
        attempts_many: "Ce code est incorrect. Il vous reste {count}\u{a0}essais.",
        error_malformed_json: "Un problème est survenu sur cette page. Rechargez-la et réessayez.",
        error_invalid_credentials: "Cet e-mail et ce mot de passe ne correspondent pas à cette \
                                    inscription. Vérifiez-les, ou recommencez l’inscription.",
        error_code_incorrect: "Ce code est incorrect. Comparez-le à celui de l’e-mail le plus récent.",
        error_not_activated: "Ce compte n’est pas encore actif. Saisissez d’abord le code reçu par e-mail.",
        error_forbidden: "Cette page ne fonctionne qu’à l’adresse {url}. Ouvrez-la à cette adresse.",
        error_not_found: "Cette page n’est plus à jour. Rechargez-la.",
        error_method_not_allowed: "Cette page n’est plus à jour. Rechargez-la.",
        error_already_active: "Ce compte est déjà actif. Vous pouvez vous connecter.",
        error_in_progress: "Nous traitons encore votre inscription. Réessayez dans un instant.",
        error_code_expired: "Ce code a expiré. Demandez-en un nouveau.",
        error_code_exhausted: "Trop de codes incorrects. Demandez-en un nouveau.",
        error_token_invalid: "Ce lien a expiré ou a déjà servi. Demandez-en un nouveau.",
        error_payload_too_large: "C’est trop long. Raccourcissez et réessayez.",
        error_unsupported_media_type: "Un problème est survenu sur cette page. Rechargez-la et réessayez.",
        error_invalid_input: "Vérifiez votre saisie et réessayez.",
        error_idempotency_key_reused: "Un problème est survenu sur cette page. Réessayez.",
        error_too_many_requests: "Trop de tentatives. Réessayez {when}.",
        error_mail_unavailable: "Nous n’avons pas pu envoyer l’e-mail. Rien n’est perdu\u{a0}: \
                                 réessayez dans un instant.",
        error_database_unavailable: "Le service est indisponible. Rien n’est perdu\u{a0}: réessayez \
                                     dans un instant.",
        error_internal_error: "Une erreur est survenue de notre côté. Réessayez. Si cela se \
                               reproduit, communiquez-nous ce numéro\u{a0}: {request}",
        field_too_short: "Utilisez au moins {min}\u{a0}caractères.",
        field_too_long: "C’est trop long. Raccourcissez.",
        field_control_character: "Retirez les tabulations et les sauts de ligne.",
        field_too_common: "Ce mot de passe est trop courant. Choisissez-en un autre.",
        field_contains_address: "Votre mot de passe ne peut pas être votre adresse e-mail ni une \
                                 partie de celle-ci. Choisissez-en un autre.",
        field_not_an_address: "Saisissez une adresse e-mail, par exemple ada@example.com.",
        field_local_part_too_long: "Utilisez une adresse d’au plus 64\u{a0}caractères avant le @.",
        field_local_part_not_ascii: "Avant le @, utilisez seulement des lettres sans accent, des \
                                     chiffres et des caractères comme . _ - +",
        field_quoted_local_part: "Utilisez une adresse sans guillemets avant le @.",
        field_local_part_dots: "Vérifiez les points avant le @\u{a0}: ni au début, ni à la fin, ni \
                                deux de suite.",
        field_local_part_invalid: "La partie avant le @ contient un caractère qui n’est pas autorisé. \
                                   Vérifiez-la.",
        field_address_literal: "Après le @, utilisez un domaine comme example.com, pas un numéro.",
        field_domain_incomplete: "La partie après le @ est incomplète. Elle doit ressembler à example.com.",
        field_domain_invalid: "Vérifiez la partie après le @. Elle doit ressembler à example.com.",
        field_wrong_password: "Ce n’est pas votre mot de passe actuel.",
        field_code: "Saisissez les {length}\u{a0}chiffres reçus par e-mail.",
    },
};
